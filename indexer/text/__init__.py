"""Words and sentences of a text: tokenizer, folding, stemming, language, sentences, synonyms."""
