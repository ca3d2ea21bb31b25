"""A host's own app, as its developer would write it: one of every extension point."""
