"""Links to passages: selectors, re-anchoring, the ledger of ids, text fragments."""
