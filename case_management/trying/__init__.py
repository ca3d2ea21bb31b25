"""Trying rules before they bite: over the history that there is, and beside the live ones."""
