"""On the case page: links, merges, splits, watchers and calls; foreign cases are neither shown nor reached."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.testing import make_case

pytestmark = pytest.mark.django_db
NOTE = "Row two is another matter."


@pytest.fixture
def chief(company):
    """Somebody who sees both branches."""
    return Actor.from_user(get_user_model().objects.create_superuser("chief"))


@pytest.fixture
def other(company):
    """A second case at Harbour."""
    return make_case(title="Row two", topic=company.seat, priority=company.normal, unit=company.harbour)


@pytest.fixture
def foreign(company):
    """A case that Ann may not see."""
    return make_case(title="Secret South", topic=company.seat, priority=company.normal, unit=company.south)


@pytest.fixture
def act(case_door, case, company, signed_in):
    """Send one of the case's forms as Ann."""
    ann = signed_in(company.ann)

    def send(verb, on=case, **fields):
        version = models.Case.objects.get(pk=on.pk).version
        return ann.post(case_door.url("case_act", on.reference, verb), {"version": version, **fields}, follow=True)

    return send


def test_a_link_stands_on_both_pages_and_goes_with_one_button(act, case, other, case_door, company, signed_in):
    page = act("link", relation="child_of", to=other.reference.lower()).content.decode()
    assert "child of" in page
    there = signed_in(company.ann).get(case_door.url("case", other.reference)).content.decode()
    assert "1 of 1 child is open." in there
    assert f"Linked: parent of {case.reference}" in there
    act("unlink", link=models.CaseLink.objects.get().pk)
    assert not models.CaseLink.objects.exists()


def test_a_foreign_case_is_found_by_no_form_and_nothing_is_written(act, case, foreign, company, chief):
    said = models.Interaction.objects.create(
        source=foreign.source, external_id="f", comment="x", occurred_at=timezone.now(), available_at=timezone.now(),
        case=foreign,
    )  # fmt: skip
    south = make_case(unit=company.south, topic=company.seat, priority=company.normal)
    link = operations.link_cases(foreign, to=south, relation="related", by=chief)
    before = models.CaseEvent.objects.count()
    answers = [
        act("link", relation="related", to=foreign.reference),
        act("merge", into=foreign.reference, confirmed=foreign.reference),
        act("unlink", link=link.pk),
        act("split", new_title="Mine", part=[f"interactions:{said.pk}"]),
        act("watcher", user=get_user_model().objects.create(username="nobody").pk),
    ]
    assert [answer.status_code for answer in answers] == [422] * len(answers)
    assert all("Secret South" not in answer.content.decode() for answer in answers)
    assert models.CaseEvent.objects.count() == before
    assert models.CaseLink.objects.filter(pk=link.pk).exists()


def test_a_link_to_a_case_that_the_reader_may_not_see_does_not_exist_for_them(
    case, foreign, case_door, company, chief, signed_in
):
    operations.link_cases(case, to=foreign, relation="duplicate_of", by=chief)
    operations.merge_case(case, into=foreign, by=chief)
    page = signed_in(company.ann).get(case_door.url("case", case.reference)).content.decode()
    for text in ("Linked cases", foreign.reference, "Secret South", "Linked"):
        assert text not in page
    assert "Merged into another case" in page


def test_a_merge_is_shown_before_it_is_made_and_can_be_taken_back(act, case, other, case_door, company, signed_in):
    ann = Actor.from_user(company.ann)
    operations.change_deadline(case, deadline=timezone.now() + timedelta(minutes=5), by=ann)
    operations.add_note(case, text=NOTE, by=ann)
    shown = act("merge", into=other.reference)
    assert shown.status_code == 200
    assert "It takes over the earlier deadline" in shown.content.decode()
    case.refresh_from_db()
    assert case.is_open
    went = act("merge", into=other.reference, confirmed=other.reference).content.decode()
    assert "Merged: it goes on in" in went
    there = signed_in(company.ann).get(case_door.url("case", other.reference)).content.decode()
    assert f"from {case.reference}" in there
    assert NOTE in there
    back = act("unmerge").content.decode()
    assert "goes its own way again" in back
    case.refresh_from_db()
    assert (case.is_open, case.merged_into_id) == (True, None)


def test_what_was_changed_after_the_merge_is_named_and_asked_about(act, case, other, company):
    ann, soon = Actor.from_user(company.ann), timezone.now() + timedelta(minutes=5)
    operations.change_deadline(case, deadline=soon, by=ann)
    operations.merge_case(case, into=other, by=ann)
    operations.change_deadline(other, deadline=soon + timedelta(hours=1), by=Actor.from_user(company.ben))
    asked = act("unmerge")
    assert asked.status_code == 409
    assert "deadline by hand (ben, " in asked.content.decode()
    assert 'type="checkbox" name="keep_later"' in asked.content.decode()
    act("unmerge", keep_later="on")
    case.refresh_from_db()
    assert case.is_open


def test_a_part_goes_to_a_new_case_and_the_receipt_names_it(act, case, case_door, company, signed_in):
    operations.add_note(case, text=NOTE, by=Actor.from_user(company.ann))
    asked = signed_in(company.ann).get(case_door.url("case", case.reference) + "?do=split").content.decode()
    key = f"notes:{case.notes.get().pk}"
    assert f'value="{key}"' in asked
    page = act("split", new_title="Row two", part=[key]).content.decode()
    fresh = models.Case.objects.get(title="Row two")
    assert f"the part goes on in {fresh.reference}" in page
    assert "has follow-up" in page


def test_one_watches_with_one_button_and_adds_a_colleague(act, case, company):
    assert "Watch no more" in act("watch").content.decode()
    assert "Ben Lind" in act("watcher", user=company.ben.pk).content.decode()
    act("unwatch")
    assert [row.user for row in case.watchers.all()] == [company.ben]


def test_a_note_that_calls_nobody_says_so_and_one_that_calls_somebody_does_not(act, case, company):
    assert "@nobody" in act("note", text="Please look, @nobody and @ben.").content.decode()
    assert list(case.watchers.values_list("user__username", flat=True)) == ["ben"]
    assert "not told" not in act("note", text="Thank you for it, @ben.").content.decode()


def test_suggestions_are_people_who_may_see_the_case_for_whoever_may_write_on_it(case, case_door, company, signed_in):
    address = case_door.url("case_people", case.reference)
    get_user_model().objects.create(username="bella", first_name="Bella")
    found = signed_in(company.ann).get(address, {"q": "be", "named": "@ben @bella"}).json()
    assert found == {"people": [{"name": "ben", "label": "Ben Lind"}], "unknown": ["bella"]}
    assert signed_in(company.vera).get(address, {"q": "be"}).status_code == 404


def test_the_ladder_is_climbed_to_a_chosen_level_and_left_again(act, case):
    assert "Escalated, level 2" in act("escalate", level=2, reason=NOTE).content.decode()
    act("deescalate", level=0, reason=NOTE)
    case.refresh_from_db()
    assert case.escalation_level == 0
