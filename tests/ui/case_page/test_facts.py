"""What stands on the page beside the timeline, and who sees it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from case_management.domain.actor import Actor
from case_management.models import (
    Case,
    Contact,
    ContactPoint,
    Settings,
)
from case_management.operations import (
    Resolution,
    reopen_case,
    resolve_case,
)
from case_management.testing import make_case
from tests.ui.case_page.reading import NOTE, interaction, ours

pytestmark = pytest.mark.django_db


def test_the_page_shows_what_the_case_is_about(look: Any, case: Case, company: SimpleNamespace) -> None:
    contact = Contact.objects.create(name="Márta Nagy")
    ContactPoint.objects.create(contact=contact, kind="email", value="marta@example.com")
    case = make_case(
        title="Cold meal", priority=company.urgent, unit=company.harbour, contact=contact, source=company.survey
    )
    interaction(
        company,
        case,
        comment="The meal was cold.",
        score=2,
        wants_contact=True,
        answers={"How was the meal?": "1 of 5"},
        visit={"date_flown": "2026-02-11"},
    )
    page = ours(look(case))
    for text in (
        case.reference, "Cold meal", "9 hours left", "Urgent", "The meal was cold.", "Score 2 of 10",
        "Asked to be contacted", "Márta Nagy", "marta@example.com", "N1 Harbour", "Date flown", "2026-02-11",
        "How was the meal?", "1 of 5", "Case opened",
    ):  # fmt: skip
        assert text in page


@pytest.mark.parametrize(("hidden", "text"), [("show_survey_questions", "How was the meal?"), ("show_tags", "cm-tags")])
def test_what_the_settings_switch_off_is_not_shown(
    hidden: str, text: str, look: Any, case: Case, company: SimpleNamespace
) -> None:
    interaction(company, case, answers={"How was the meal?": "1 of 5"})
    assert text in ours(look(case))
    Settings.objects.create(**{hidden: False})
    assert text not in ours(look(case))


def test_a_resolved_case_shows_what_it_took_and_why_it_ended(look: Any, case: Case, company: SimpleNamespace) -> None:
    ann = Actor.from_user(company.ann)
    later = Actor.importing(company.ann, batch="b1", at=case.opened_at + timedelta(hours=6, minutes=5))
    resolve_case(case, Resolution(company.solved, NOTE, company.apology, company.by_mail), by=later)
    page = ours(look(case))
    for text in ("took 6 hours", "Solved", "Apology", "By mail", NOTE):
        assert text in page
    reopen_case(case, reason=company.again, note="It broke again.", by=ann)
    page = ours(look(case))
    assert "took 6 hours" not in page
    assert "Not solved" in page


def test_a_case_of_another_branch_does_not_exist(look: Any, company: SimpleNamespace) -> None:
    foreign = make_case(unit=company.south, priority=company.normal)
    assert look(foreign).status_code == 404


def test_a_reference_is_found_however_it_is_typed(
    case: Case, case_door: Any, company: SimpleNamespace, signed_in: Any
) -> None:
    typed = case.reference.lower().replace("-", "")
    assert signed_in(company.ann).get(case_door.url("case", typed)).status_code == 200


def test_only_visible_earlier_cases_of_the_customer_are_shown_and_counted(look: Any, company: SimpleNamespace) -> None:
    contact = Contact.objects.create(name="Márta Nagy")
    here = {"contact": contact, "unit": company.harbour, "priority": company.normal}
    case, other = make_case(**here), make_case(title="An earlier matter", **here)
    make_case(title="A foreign matter", **{**here, "unit": company.south})
    page = ours(look(case))
    assert "1 other case" in page
    assert other.reference in page
    assert "A foreign matter" not in page
