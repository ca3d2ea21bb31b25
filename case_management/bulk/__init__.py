"""Wide changes: one verb over many cases, with a preview, a receipt for each row, and an undo."""
