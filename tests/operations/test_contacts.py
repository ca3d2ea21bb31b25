"""Contacts corrected, merged and parted: what moves, what stays, who may, and that an undone merge leaves nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from case_management import models
from case_management.access import visible_contacts
from case_management.domain.actor import Actor
from case_management.exceptions import NothingToChange, RightMissing, StaleContact, ValueUnknown
from case_management.filters import search
from case_management.intake import Person
from case_management.intake.contacts import contacts_of
from case_management.operations import (
    ContactFacts,
    Resolution,
    close_case,
    correct_contact,
    merge_contacts,
    part_contacts,
    resolve_case,
)
from case_management.testing import make_case, make_user
from case_management.timeline import texts

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


def make_contact(name, *points, **facts):
    contact = models.Contact.objects.create(name=name, **facts)
    for value in points:
        kind = "email" if "@" in value else "phone"
        models.ContactPoint.objects.create(contact=contact, kind=kind, value=value)
    return contact


def heard_from(contact, case=None, key="1", **facts):
    source = models.Source.objects.get_or_create(key="survey", defaults={"name": "Survey"})[0]
    return models.Interaction.objects.create(
        source=source, external_id=key, contact=contact, case=case, occurred_at=timezone.now(), state="done",
        available_at=timezone.now(), **facts,
    )  # fmt: skip


@pytest.fixture
def pair(desk):
    """Two contacts of one person, each with cases, one of them closed, and things said."""
    desk.keep = make_contact("Ada Byron", "ada@example.org", external_id="K1")
    desk.gone = make_contact("A. Byron", "ADA@example.org", "a.byron@example.org", "+44 20 1", external_id="G1")
    desk.gone.language = "en"
    desk.gone.save()
    desk.kept_case = make_case(title="Kept", contact=desk.keep, unit=desk.unit)
    desk.case = make_case(title="Moving lamp", contact=desk.gone, unit=desk.unit)
    desk.closed = make_case(title="Closed", contact=desk.gone, unit=desk.unit)
    resolve_case(desk.closed, Resolution(desk.reason, "Called the customer."), by=SYSTEM)
    close_case(desk.closed, by=SYSTEM)
    desk.said = heard_from(desk.gone, desk.case, comment="It broke")
    texts.renew([desk.case.pk])
    return desk


def snapshot():
    """Everything about contacts as the database has it, but the merges and their events."""
    return {
        "contacts": list(models.Contact.objects.order_by("pk").values()),
        "points": list(models.ContactPoint.objects.order_by("pk").values()),
        "cases": list(models.Case.objects.order_by("pk").values("pk", "contact_id", "status", "sla_due_at", "due_at")),
        "interactions": list(models.Interaction.objects.order_by("pk").values("pk", "contact_id", "case_id")),
        "words": list(models.CaseText.objects.order_by("pk").values()),
    }


# ── corrections ──


def test_a_corrected_name_is_found_in_search_and_addresses_are_kept_normalised(pair):
    kept = pair.gone.points.get(normalised="a.byron@example.org").pk
    facts = ContactFacts(
        " Ada Lovelace ", "en", "GB", ("A.Byron@Example.org", " new@example.org", ""), ("+44 (20) 15",)
    )
    correct_contact(pair.gone, facts, by=pair.by)
    points = set(pair.gone.points.values_list("kind", "value", "normalised"))
    assert points == {
        ("email", "A.Byron@Example.org", "a.byron@example.org"),
        ("email", "new@example.org", "new@example.org"),
        ("phone", "+44 (20) 15", "+442015"),
    }
    assert pair.gone.points.get(normalised="a.byron@example.org").pk == kept
    assert pair.gone.name == "Ada Lovelace"
    assert {case.title for case in search(models.Case.objects.all(), "lovelace")} == {"Moving lamp", "Closed"}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (ContactFacts("x", emails=("no address",)), "emails"),
        (ContactFacts("x", emails=("a@b.example\nBcc: c@d.example",)), "emails"),
        (ContactFacts("x", phones=("call me",)), "phones"),
        (ContactFacts("x", phones=("+1",)), "phones"),
        (ContactFacts("x", emails=tuple(f"{n}@example.org" for n in range(21))), "emails"),
    ],
)
def test_what_is_no_address_is_refused_by_name_and_nothing_is_written(facts, field, pair):
    before = snapshot()
    with pytest.raises(ValueUnknown) as error:
        correct_contact(pair.gone, facts, by=pair.by)
    assert error.value.details["fields"] == [field]
    assert snapshot() == before


def test_a_correction_of_what_others_changed_meanwhile_is_refused(pair):
    seen = ContactFacts.of(pair.gone).fingerprint()
    correct_contact(pair.gone, ContactFacts("First", "en"), by=pair.by, seen=seen)
    with pytest.raises(StaleContact):
        correct_contact(pair.gone, ContactFacts("Second", "en"), by=pair.by, seen=seen)
    with pytest.raises(NothingToChange):
        correct_contact(pair.gone, ContactFacts("First", "en"), by=pair.by)


def test_a_contact_is_corrected_by_whoever_may_change_it_at_one_of_its_cases(pair):
    elsewhere = models.Unit.add_root(number="2", name="Elsewhere")
    near = make_user("near", role="Customer service agent", unit=pair.unit)
    far = make_user("far", role="Customer service agent", unit=elsewhere)
    reader = make_user("reader", role="Sales agent", unit=pair.unit)
    for user in (far, reader):
        with pytest.raises(RightMissing):
            correct_contact(pair.gone, ContactFacts("New"), by=Actor.from_user(user))
    assert correct_contact(pair.gone, ContactFacts("New"), by=Actor.from_user(near)).name == "New"


# ── merges ──


def test_everything_of_the_merged_contact_goes_to_the_survivor_and_history_says_so(pair):
    merge = merge_contacts(pair.gone, into=pair.keep, by=pair.by)
    assert set(pair.keep.cases.all()) == {pair.kept_case, pair.case, pair.closed}
    assert set(pair.keep.interactions.all()) == {pair.said}
    assert set(pair.keep.points.values_list("normalised", flat=True)) == {
        "ada@example.org", "a.byron@example.org", "+44201",
    }  # fmt: skip
    assert pair.gone.merged_into == pair.keep
    assert pair.keep.language == "en"
    for case in (pair.case, pair.closed):
        last = case.events.order_by("seq").last()
        assert (last.type, last.payload, last.actor) == ("corrected", {"details": ["contact"]}, pair.agent)
    assert "corrected" not in pair.kept_case.events.values_list("type", flat=True)
    assert merge.moved["cases"] == [pair.case.pk, pair.closed.pk]
    assert {case.title for case in search(models.Case.objects.all(), "ada lamp")} == {"Moving lamp"}


def test_whatever_is_said_under_an_old_id_or_address_goes_to_the_survivor(pair):
    people = [Person(external_id="G1", name="X"), Person(emails=("A.BYRON@example.org",)), Person(external_id="K1")]
    merge_contacts(pair.gone, into=pair.keep, by=pair.by)
    assert contacts_of(people) == [pair.keep] * 3
    with CaptureQueriesContext(
        connection,
    ) as queries:
        contacts_of(people)
    assert len(queries) == 2, "a known signpost makes nobody wait"
    assert {case.title for case in search(models.Case.objects.all(), "G1")} == {"Kept", "Moving lamp", "Closed"}
    opened = make_case(title="By a page that was open", contact=models.Contact.objects.get(pk=pair.gone.pk))
    assert opened.contact == pair.keep


def test_a_merge_taken_back_leaves_everything_as_it_was(pair):
    before = snapshot()
    merge = merge_contacts(pair.gone, into=pair.keep, by=pair.by)
    assert snapshot() != before
    part_contacts(merge, by=pair.by)
    assert snapshot() == before
    assert merge.undone_by == pair.agent
    with pytest.raises(NothingToChange):
        part_contacts(merge, by=pair.by)


def test_what_came_after_the_merge_stays_with_the_survivor(pair):
    merge = merge_contacts(pair.gone, into=pair.keep, by=pair.by)
    later = make_case(title="Later", contact=pair.keep)
    correct_contact(pair.keep, ContactFacts("Ada", "de", emails=("ada@example.org",)), by=pair.by)
    part_contacts(merge, by=pair.by)
    assert set(pair.keep.cases.all()) == {pair.kept_case, later}
    pair.keep.refresh_from_db()
    assert (pair.keep.name, pair.keep.language) == ("Ada", "de")
    assert list(pair.gone.points.values_list("normalised", flat=True)) == ["ada@example.org"]


def test_tags_are_corrected_like_names_follow_a_merge_and_come_back(pair):
    category = models.TagCategory.objects.create(name="Standing")
    gold, loud = (models.Tag.objects.create(name=name, category=category) for name in ("Gold", "Loud"))
    pair.keep.tags.add(loud)
    facts = ContactFacts.of(pair.gone)
    correct_contact(pair.gone, replace(facts, tags=(gold.pk,)), by=pair.by, seen=facts.fingerprint())
    with pytest.raises(StaleContact):
        correct_contact(pair.gone, replace(facts, name="Other"), by=pair.by, seen=facts.fingerprint())
    with pytest.raises(ValueUnknown):
        correct_contact(pair.gone, replace(facts, tags=(0,)), by=pair.by)
    merge = merge_contacts(pair.gone, into=pair.keep, by=pair.by)
    assert set(pair.keep.tags.all()) == {gold, loud}
    part_contacts(merge, by=pair.by)
    assert (set(pair.keep.tags.all()), set(pair.gone.tags.all())) == ({loud}, {gold})


def test_signposts_follow_a_second_merge_and_come_back_in_the_opposite_order(pair):
    third = make_contact("Third")
    before = snapshot()
    first = merge_contacts(pair.gone, into=pair.keep, by=pair.by)
    second = merge_contacts(pair.keep, into=third, by=pair.by)
    assert set(models.Contact.objects.values_list("merged_into", flat=True)) == {None, third.pk}
    assert contacts_of([Person(external_id="G1")]) == [third]
    with pytest.raises(StaleContact, match="take that merge back first"):
        part_contacts(first, by=pair.by)
    part_contacts(second, by=pair.by)
    part_contacts(first, by=pair.by)
    assert snapshot() == before


def test_a_contact_is_not_merged_twice_nor_with_itself(pair):
    third = make_contact("Third")
    stale = models.Contact.objects.get(pk=pair.gone.pk)
    merge_contacts(pair.gone, into=pair.keep, by=pair.by)
    with pytest.raises(StaleContact):
        merge_contacts(stale, into=third, by=pair.by)
    with pytest.raises(StaleContact):
        merge_contacts(third, into=stale, by=pair.by)
    with pytest.raises(NothingToChange):
        merge_contacts(third, into=third, by=pair.by)


def test_merging_takes_the_right_everywhere_even_where_all_cases_are_in_sight(pair):
    before = snapshot()
    local = Actor.from_user(make_user("local", role="Case manager", unit=pair.unit))
    with pytest.raises(RightMissing, match="everywhere"):
        merge_contacts(pair.gone, into=pair.keep, by=local)
    assert snapshot() == before
    merge = merge_contacts(pair.gone, into=pair.keep, by=pair.by)
    with pytest.raises(RightMissing):
        part_contacts(merge, by=local)


def test_the_number_of_queries_does_not_depend_on_how_many_cases_move(pair):
    counts = []
    for many in (3, 15):
        keep, gone = make_contact("Keep"), make_contact("Gone")
        for number in range(many):
            heard_from(gone, make_case(contact=gone), key=f"{many}-{number}")
        with CaptureQueriesContext(connection) as queries:
            merge = merge_contacts(gone, into=keep, by=pair.by)
            part_contacts(merge, by=pair.by)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# ── who sees a contact ──


def test_a_contact_is_seen_by_whoever_sees_one_of_its_cases_or_interactions(pair):
    unit = models.Unit.add_root(number="2", name="Elsewhere")
    asked = make_contact("Only asked")
    heard_from(asked, unit=unit, key="asked")
    nothing = make_contact("Nothing yet")
    near = make_user("near", role="Field manager", unit=pair.unit)
    far = make_user("far", role="Field manager", unit=unit)
    assert set(visible_contacts(near)) == {pair.keep, pair.gone}
    assert set(visible_contacts(far)) == {asked}
    assert set(visible_contacts(pair.agent)) == {pair.keep, pair.gone, asked, nothing}
    assert set(visible_contacts(make_user("nobody"))) == set()
    merge_contacts(pair.gone, into=pair.keep, by=pair.by)
    assert set(visible_contacts(near)) == {pair.keep}
