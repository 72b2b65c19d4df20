"""From plain text to blocks: kinds of lines, title, headings, outline."""
