"""Template tags of the Django admin door."""
