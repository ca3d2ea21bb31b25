"""Opt-in door: the workspace and the set-up screens inside Django's admin."""
