"""Text fragments (`#:~:text=`) that lead to a span of the original page."""
