"""The durable Whoosh index: articles with their passages, and the ledger of ids."""
