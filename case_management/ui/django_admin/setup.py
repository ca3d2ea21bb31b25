"""The set-up screens in Django's admin."""
