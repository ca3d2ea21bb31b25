"""Status, steps, events and actors as plain Python: no database, no settings, no request."""
