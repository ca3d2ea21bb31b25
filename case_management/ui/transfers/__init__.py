"""Pages for bulk data: exports asked for and fetched, files uploaded, checked and taken in."""
