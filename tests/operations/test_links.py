"""Links: both cases keep them, in mirrored words; parents make no ring; nobody reaches what they may not see."""

from __future__ import annotations

import itertools
import threading

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from case_management import models, operations
from case_management.domain.actor import Actor
from case_management.domain.relations import Relation
from case_management.exceptions import CaseManagementError, NothingToChange, RightMissing, ValueUnknown
from case_management.models import CaseLink
from case_management.testing import make_case, make_user

pytestmark = pytest.mark.django_db


def cases(desk, count, **facts):
    """New cases of the desk."""
    shared = {"topic": desk.topic, "priority": desk.normal, "unit": desk.unit, **facts}
    return [make_case(**shared) for _each in range(count)]


def last(case):
    """What the newest event of a case says."""
    stored = case.events.latest("seq")
    return stored.type, stored.payload.get("relation"), stored.payload.get("other")


@pytest.mark.parametrize("relation", list(Relation))
def test_both_ends_keep_the_link_in_mirrored_words_and_lose_it_together(desk, relation):
    one, other = cases(desk, 2)
    link = operations.link_cases(one, to=other, relation=relation, by=desk.by)
    assert last(one) == ("linked", str(relation), other.pk)
    assert last(other) == ("linked", str(Relation(relation).mirror), one.pk)
    with pytest.raises(NothingToChange):
        operations.link_cases(other, to=one, relation=Relation(relation).mirror, by=desk.by)
    with pytest.raises(NothingToChange):
        operations.link_cases(other, to=one, relation=relation, by=desk.by)
    operations.unlink_cases(other, link=link, by=desk.by)
    assert last(one) == ("unlinked", str(relation), other.pk)
    assert last(other) == ("unlinked", str(Relation(relation).mirror), one.pk)
    assert not CaseLink.objects.exists()


def test_a_pair_may_have_links_of_different_kinds_and_closed_cases_too(desk):
    one, other = cases(desk, 2)
    operations.merge_case(other, into=one, by=desk.by)
    for relation in ("duplicate_of", "related"):
        operations.link_cases(other, to=one, relation=relation, by=desk.by)
    assert CaseLink.objects.count() == 2


def test_no_case_is_linked_to_itself_and_none_in_words_that_nobody_knows(desk):
    one, other = cases(desk, 2)
    for case, relation in ((one, "related"), (other, "cousin of")):
        with pytest.raises(ValueUnknown):
            operations.link_cases(one, to=case, relation=relation, by=desk.by)


def test_a_child_has_one_parent_and_no_case_stands_above_itself(desk):
    top, middle, low, other = cases(desk, 4)
    operations.link_cases(low, to=middle, relation="child_of", by=desk.by)
    operations.link_cases(top, to=middle, relation="parent_of", by=desk.by)
    with pytest.raises(ValueUnknown, match=middle.reference):
        operations.link_cases(low, to=other, relation="child_of", by=desk.by)
    with pytest.raises(ValueUnknown, match="above"):
        operations.link_cases(top, to=low, relation="child_of", by=desk.by)
    assert CaseLink.objects.count() == 2


@pytest.mark.parametrize("change", [{"other": "case"}, {"kind": "cousin"}, {"twice": True}, {"second parent": True}])
def test_the_database_refuses_what_no_operation_would_write(desk, change):
    one, other, third = cases(desk, 3)
    CaseLink.objects.create(kind="child_of", case=one, other=other)
    wrong = CaseLink(kind=change.get("kind", "child_of"), case=other, other=one)
    if "other" in change:
        wrong.other = other
    if "second parent" in change:
        wrong.case, wrong.other = one, third
    with pytest.raises(IntegrityError), transaction.atomic():
        wrong.save()


def test_both_ends_must_be_seen_and_one_of_them_is_the_linkers_to_write_on(desk):
    here, there = cases(desk, 1)[0], cases(desk, 1, unit=models.Unit.add_root(number="2", name="Mill"))[0]
    sales = Actor.from_user(make_user("sales", role="Sales agent", unit=desk.unit))
    with pytest.raises(RightMissing):
        operations.link_cases(here, to=there, relation="related", by=sales)
    link = operations.link_cases(here, to=there, relation="related", by=desk.by)
    with pytest.raises(RightMissing):
        operations.unlink_cases(here, link=link, by=sales)
    nearby = cases(desk, 1)[0]
    assert operations.link_cases(here, to=nearby, relation="related", by=sales)


def test_a_parent_that_the_linker_may_not_see_is_not_named(desk):
    child, wanted = cases(desk, 2)
    secret = cases(desk, 1, unit=models.Unit.add_root(number="2", name="Mill"))[0]
    operations.link_cases(child, to=secret, relation="child_of", by=desk.by)
    field = Actor.from_user(make_user("field", role="Field manager", unit=desk.unit))
    with pytest.raises(ValueUnknown) as refusal:
        operations.link_cases(child, to=wanted, relation="child_of", by=field)
    assert secret.reference not in refusal.value.message


def test_a_link_of_other_cases_is_not_taken_away_through_this_one(desk):
    one, other, third = cases(desk, 3)
    link = operations.link_cases(one, to=other, relation="related", by=desk.by)
    with pytest.raises(ValueUnknown):
        operations.unlink_cases(third, link=link, by=desk.by)
    assert CaseLink.objects.filter(pk=link.pk).exists()


def race(*acts):
    """Run each act in a thread and a connection of its own, at the same moment; the codes of what was refused."""
    gate, codes = threading.Barrier(len(acts)), []

    def run(act):
        try:
            gate.wait()
            act()
        except CaseManagementError as error:
            codes.append(error.code)
        except OperationalError as error:
            codes.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return codes


@pytest.mark.django_db(transaction=True)
def test_two_people_merge_two_cases_into_each_other_and_one_of_them_wins(postgres, desk):
    for _round in range(5):
        one, other = cases(desk, 2)
        again = [models.Case.objects.get(pk=case.pk) for case in (other, one)]
        codes = race(
            lambda one=one, other=other: operations.merge_case(one, into=other, by=desk.by),
            lambda again=again: operations.merge_case(again[0], into=again[1], by=desk.by),
        )
        assert codes == ["transition_not_allowed"]
        assert models.Case.objects.filter(pk__in=[one.pk, other.pk], merged_into=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_four_people_at_once_close_no_ring_of_parents(postgres, desk):
    for _round in range(3):
        ring = cases(desk, 4)
        codes = race(
            *(
                lambda child=child, parent=parent: operations.link_cases(
                    models.Case.objects.get(pk=child), to=models.Case.objects.get(pk=parent), relation="child_of",
                    by=desk.by,
                )
                for child, parent in itertools.pairwise([case.pk for case in (*ring, ring[0])])
            )
        )  # fmt: skip
        assert not [code for code in codes if "deadlock" in code]
        assert CaseLink.objects.filter(case__in=ring).count() < 4
