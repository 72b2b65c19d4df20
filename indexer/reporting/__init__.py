"""Answers in the forms that people and programs read: text, JSON, CSV, HTML.

In: what the library returns (`Results`, `Concordance`, `IndexReport`, an article with its
passages). Out: strings, or `rich` texts for a terminal; nothing is written to files or streams.
Refuses nothing: any text can be shown, including control characters and lone surrogates.

Wherever they are parameters, `width` is that of the terminal in cells (None: not a terminal, lines
are neither wrapped nor cut), and `site` is the address that goes before links.
"""
