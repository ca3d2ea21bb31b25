"""What comes in: responses, contacts, units, mappings, files."""
