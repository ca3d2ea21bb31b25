"""The whole example site in one terminal: ``python -m example_project.demo`` (what ``make demo`` runs)."""
