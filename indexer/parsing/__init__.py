"""From bytes to articles: text, and blocks with their spans."""
