"""A merge hides nothing: who waited longest still waits, and each case says on its page where the others are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.domain.events import MergeReceived
from case_management.operations import attach_interaction, undo_changes
from case_management.testing import make_case

pytestmark = pytest.mark.django_db

NOON = timezone.now().replace(microsecond=0) - timedelta(days=1)


def waiting(company, number, since):
    """A case at Harbour whose customer wrote at ``since``."""
    case = make_case(title=f"Row {number}", topic=company.seat, priority=company.normal, unit=company.harbour)
    said = models.Interaction.objects.create(
        source=company.survey, external_id=str(number), comment=f"Words {number}", occurred_at=since, available_at=since
    )
    return attach_interaction(case, interaction=said, by=Actor.from_user(company.ann))


@pytest.mark.parametrize(
    ("own", "expected"), [(None, 3), (1, 3), (9, 9)], ids=["target does not wait", "shorter", "longest itself"]
)
def test_the_case_that_stays_awaits_since_the_earliest_of_all_and_undo_gives_its_own_back(company, own, expected):
    by = Actor.from_user(company.ann)
    target = waiting(company, 1, NOON - timedelta(hours=own)) if own else None
    target = target or make_case(topic=company.seat, priority=company.normal, unit=company.harbour)
    before = target.awaiting_since
    others = [waiting(company, 10 + hours, NOON - timedelta(hours=hours)) for hours in (2, 3)]
    outcome = operations.merge_cases([case.pk for case in others], into=target, by=by)
    assert target.awaiting_since == NOON - timedelta(hours=expected)
    undo_changes(outcome.spans, change_set=0, right="merge_case", by=by)
    target.refresh_from_db()
    assert target.awaiting_since == before


def test_a_merge_that_was_stored_before_it_told_of_waiting_is_still_read(company):
    event = MergeReceived.from_payload({"merged": 7})
    assert (event.awaiting_since, event.changes(NOON), event.touched()) == (None, {}, frozenset())
    again = MergeReceived.from_payload(MergeReceived(merged=7, awaiting_since=NOON).payload())
    assert again.changes(NOON) == {"awaiting_since": NOON}


def test_the_pages_lead_from_one_to_the_other_and_the_merged_ones_words_stay(case_door, company, signed_in):
    by, ann = Actor.from_user(company.ann), signed_in(company.ann)
    target, gone = waiting(company, 1, NOON), waiting(company, 2, NOON)
    operations.add_note(gone, text="She called about row two.", by=by)
    operations.merge_case(gone, into=target, by=by)
    old = ann.get(case_door.url("case", gone.reference)).content.decode()
    assert f'href="{case_door.url("case", target.reference)}"' in old
    assert "Words 2" in old
    assert "She called about row two." in old
    assert f"Merged into {target.reference}" in old
    new = ann.get(case_door.url("case", target.reference)).content.decode()
    assert f'href="{case_door.url("case", gone.reference)}"' in new


def test_a_reader_who_does_not_see_the_other_case_is_given_no_link_to_it(case_door, company, signed_in):
    chief = Actor.from_user(get_user_model().objects.create_superuser("chief"))
    target = make_case(title="Secret South", topic=company.seat, priority=company.normal, unit=company.south)
    gone = waiting(company, 2, NOON)
    operations.merge_case(gone, into=target, by=chief)
    page = signed_in(company.vera).get(case_door.url("case", gone.reference)).content.decode()
    assert "a case that you may not see" in page
    assert case_door.url("case", target.reference) not in page
    assert "Secret South" not in page
