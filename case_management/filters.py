"""The one filter set of cases: list, export, API, reports and saved views ask the same questions."""
