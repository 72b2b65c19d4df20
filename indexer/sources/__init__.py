"""The files of a corpus: finds and reads them."""
