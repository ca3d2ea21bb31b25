"""One custom field is set for many cases: asked in two steps, by kind, and taken back unless it is free text."""

from __future__ import annotations

import pytest

from case_management import models
from case_management.bulk.actions import offered_to
from case_management.testing import make_case
from tests.bulk.test_pages import chosen, preview_and_confirm
from tests.custom_fields.conftest import make_field

pytestmark = pytest.mark.django_db

#: Kind → what is typed, what the cases hold then.
TYPED = {
    "number": ("12.5", 12.5),
    "date": ("2026-03-31", "2026-03-31"),
    "choice": ("lost", "lost"),
    "choices": (["torn", "lost"], ["lost", "torn"]),
    "yes_no": ("false", False),
}


@pytest.mark.parametrize("kind", TYPED)
def test_a_field_is_chosen_then_its_value_and_all_of_it_is_taken_back(case_door, company, cases, signed_in, kind):
    field, (typed, held) = make_field("Extra", kind), TYPED[kind]
    ann, url = signed_in(company.ann), case_door.url("bulk")
    first = ann.get(url, chosen(cases, "set_field")).content.decode()
    assert "Extra" in first
    assert "custom_extra" not in first
    second = ann.post(url, chosen(cases, "set_field", field=field.key, asked="", preview="1"))
    assert second.status_code == 200
    assert "custom_extra" in second.content.decode()
    data = chosen(cases, "set_field", field=field.key, asked=field.key, custom_extra=typed)
    answer = preview_and_confirm(ann, url, data)
    assert answer.status_code == 302
    assert [sorted(each["extra"]) if kind == "choices" else each["extra"] for each in held_by(cases)] == [held] * 6
    ann.post(answer.url)
    assert held_by(cases) == [{}] * 6


def held_by(cases) -> list[dict]:
    """The typed values of the cases."""
    return list(models.Case.objects.filter(pk__in=[case.pk for case in cases]).values_list("custom", flat=True))


def test_free_text_is_set_but_nobody_is_told_that_it_could_be_taken_back(case_door, company, cases, signed_in):
    make_field("Extra", "text")
    ann, url = signed_in(company.ann), case_door.url("bulk")
    data = chosen(cases, "set_field", field="extra", asked="extra", custom_extra="12A")
    page = ann.post(url, {**data, "preview": "1"}).content.decode()
    assert "cannot be restored" in page
    assert "Can be undone" not in page
    answer = preview_and_confirm(ann, url, data)
    assert set(models.Case.objects.values_list("custom_texts__extra", flat=True)) == {"12A"}
    assert "cannot be restored" in ann.get(answer.url).content.decode()
    ann.post(answer.url)
    assert models.ChangeSet.objects.count() == 1


def test_an_empty_field_takes_nothing_away_unless_that_is_ticked(case_door, company, cases, signed_in):
    make_field("Extra", "number")
    ann, url = signed_in(company.ann), case_door.url("bulk")
    data = chosen(cases, "set_field", field="extra", asked="extra")
    preview_and_confirm(ann, url, {**data, "custom_extra": "3"})
    assert ann.post(url, {**data, "custom_extra": "", "preview": "1"}).status_code == 422
    assert ann.post(url, {**data, "custom_extra": "4", "clear": "on", "preview": "1"}).status_code == 422
    assert preview_and_confirm(ann, url, {**data, "custom_extra": "", "clear": "on"}).status_code == 302
    assert held_by(cases) == [{}] * 6


def test_cases_whose_type_lacks_the_field_and_those_without_the_right_are_refused(case_door, company, cases, signed_in):
    make_field("Extra", "number", case_types=[company.recovery])
    fits = make_case(
        topic=company.seat, priority=company.normal, unit=company.harbour, case_type=company.recovery
    )  # fmt: skip
    ann, url = signed_in(company.ann), case_door.url("bulk")
    data = chosen([*cases, fits], "set_field", field="extra", asked="extra", custom_extra="3")
    preview_and_confirm(ann, url, data)
    change = models.ChangeSet.objects.get()
    assert (change.done, change.refused) == (1, 6)
    assert signed_in(company.vera).post(url, data).status_code == 404


def test_everything_that_is_promised_stands_in_the_menu(company):
    assert [action.key for action in offered_to(company.ann)] == [
        "assign", "unassign", "reroute", "set_topic", "set_type", "set_priority", "set_field", "tag", "flag", "unflag",
        "flag_mine", "unflag_mine", "snooze", "wake", "resolve", "reopen", "close", "merge", "export",
    ]  # fmt: skip


def test_the_reader_stands_first_among_the_people_to_assign_to(case_door, company, cases, signed_in):
    page = signed_in(company.ann).get(case_door.url("bulk"), chosen(cases, "assign")).content.decode()
    assert page.index("Me (Ann Okafor)") < page.index("Ben Lind")


def test_ones_own_flags_are_taken_down_and_put_up_again(case_door, company, cases, signed_in):
    ann, url = signed_in(company.ann), case_door.url("bulk")
    preview_and_confirm(ann, url, chosen(cases[:2], "flag_mine"))
    answer = preview_and_confirm(ann, url, chosen(cases, "unflag_mine"))
    assert models.CaseFlag.objects.count() == 0
    ann.post(answer.url)
    assert set(models.CaseFlag.objects.values_list("case", flat=True)) == {cases[0].pk, cases[1].pk}
