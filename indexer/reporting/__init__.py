"""Answers in the forms that people and programs read: text, JSON, CSV, HTML.

In: what the library returns (`Results`, `Concordance`, `IndexReport`, an article with its
passages). Out: strings, or `rich` texts for a terminal, and nothing is written anywhere. Refuses
nothing: any text of a corpus can be shown, control characters and half surrogates as well.
"""
