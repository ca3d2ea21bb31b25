"""The case page, the actions on it, and the form for a new case; the same in either admin."""
