"""The custom fields of a case in words, for its page."""

from __future__ import annotations

from case_management.models import Case
from case_management.models.custom_values import in_words
from case_management.ui.forms.desk import Desk


def custom_facts(case: Case, desk: Desk) -> list[tuple[str, str]]:
    """Label and value of each field that is filled in; one query for people's names where some are named."""
    held = desk.custom.held(case.custom, case.custom_texts)
    named = desk.names_in(held)
    return [(custom.name, in_words(custom, value, named)) for custom, value in held]
