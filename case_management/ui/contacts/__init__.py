"""Customers: the list of them, a page for each with all that one may see of it, corrections and merges."""
