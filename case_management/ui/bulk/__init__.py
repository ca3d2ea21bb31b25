"""Pages for wide changes: choose, preview, confirm, watch, read the receipt, take back."""
