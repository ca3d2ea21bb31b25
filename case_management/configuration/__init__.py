"""Portable configuration: everything that is set up, as one text file by stable keys, to review, compare and apply."""

from case_management.configuration.applying import Change, Report, apply_configuration
from case_management.configuration.catalogue import kinds
from case_management.configuration.exporting import as_text, export_configuration
from case_management.configuration.reading import ConfigurationRefused, Problem, read_configuration

__all__ = [
    "Change", "ConfigurationRefused", "Problem", "Report", "apply_configuration", "as_text", "export_configuration",
    "kinds", "read_configuration",
]  # fmt: skip
