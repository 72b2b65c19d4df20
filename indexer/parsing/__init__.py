"""From bytes to articles: text, blocks and where each stands."""
