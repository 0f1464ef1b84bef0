"""`kill -9` at any moment: what must not be lost, and what must not be left half done (ATT-62)."""
