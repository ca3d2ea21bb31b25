"""The host's own customers, as any site might have them: guests of a hotel, each with a page."""
