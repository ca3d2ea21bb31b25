"""The single writer: events in, rows projected from them; operations alone may write."""
