"""Bulk data in and out: import-export Resources with an engine of our own around them; see ``catalogue``."""
