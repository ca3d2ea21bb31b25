"""Shares of a trial: together all of it, nothing twice, whole contacts, and each goes on from any place."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_management import models
from case_management.testing import make_case
from case_management.trying.subjects import chunks_of, shares_of

CONTACTS = 4


@pytest.fixture
def sample(db):
    """A case to multiply, and whom it may come from."""
    contacts = [models.Contact.objects.create(name=f"Guest {number}") for number in range(CONTACTS)]
    return make_case(title="Sample"), contacts


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    whose=st.lists(st.sampled_from([None, *range(CONTACTS)]), max_size=14),
    gap=st.integers(0, 13),
    by_contact=st.booleans(),
    parts=st.integers(1, 6),
    size=st.integers(1, 5),
)
def test_shares_are_all_of_it_once_and_go_on_from_any_place(sample, settings, whose, gap, by_contact, parts, size):
    settings.CASE_MANAGEMENT = {**settings.CASE_MANAGEMENT, "CHUNK_SIZE": size}
    with transaction.atomic():
        rows, expected = made(sample, whose, gap)
        places = shares_of(rows, by_contact=by_contact, parts=parts)
        assert len(places) <= parts * (2 if by_contact else 1)
        found, homes = [], {}
        for number, place in enumerate(places):
            chunks = list(chunks_of(rows, place))
            found += [each for subjects, _place in chunks for each in subjects]
            for at, (subjects, following) in enumerate(chunks):
                assert list(chunks_of(rows, following)) == chunks[at + 1 :]
                for _pk, contact in subjects:
                    homes.setdefault(contact, set()).add((number, at))
        assert Counter(found) == Counter(expected)
        if by_contact:
            assert all(len(of) == 1 for contact, of in homes.items() if contact is not None)
        transaction.set_rollback(True)


def made(sample, whose, gap):
    """Cases of these contacts, one of them outside of what is looked at; returns the rows, and what they are."""
    case, contacts = sample
    case.__class__.objects.exclude(pk=case.pk).delete()
    ids = []
    for number, of in enumerate(whose):
        copy = models.Case.objects.get(pk=case.pk)
        copy.pk, copy.reference, copy.external_id = None, f"S{number}", f"s{number}"
        copy.contact = None if of is None else contacts[of]
        copy.save(force_insert=True)
        ids.append((copy.pk, copy.contact_id))
    seen = [each for number, each in enumerate(ids) if number != gap]
    return models.Case.objects.filter(pk__in=[pk for pk, _contact in seen]), seen
