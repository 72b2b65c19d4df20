"""What tests share: small corpora and sites, a terminal, a browser, recorded answers."""
