"""Trying rules over the past and beside the live ones."""
