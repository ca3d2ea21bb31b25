"""The list of cases: grouped by status, sorted by urgency, filtered by the address."""
