"""Filters by custom fields: the database finds what plain Python finds, and by an index where one is built."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_management import models
from case_management.domain.actor import Actor
from case_management.filters import CaseFilterSet
from case_management.jobs.custom_indexes import build_custom_indexes, index_name
from case_management.operations import CaseDraft, open_cases
from case_management.testing import make_topic, make_user
from tests.custom_fields.conftest import OPTIONS, make_field

KEYS = [option["key"] for option in OPTIONS]
FIRST = date(2026, 1, 1)


def found(query, user=None, cases=None):
    among = models.Case.objects.all() if cases is None else models.Case.objects.filter(pk__in=[c.pk for c in cases])
    asked = CaseFilterSet(QueryDict(query), among, user=user)
    assert asked.is_valid(), asked.errors
    return set(asked.qs.values_list("title", flat=True))


def open_with(many):
    source, _ = models.Source.objects.get_or_create(name="Survey")
    priority, _ = models.Priority.objects.get_or_create(name="Normal", defaults={"rank": 3})
    topic = make_topic()
    drafts = [
        CaseDraft(title=str(place), topic=topic, source=source, priority=priority, custom=values)
        for place, values in enumerate(many)
    ]
    return open_cases(drafts, by=Actor.system("test"))


def a_case():
    return st.fixed_dictionaries(
        {},
        optional={
            "amount": st.integers(-3, 3) | st.sampled_from([0.5, 2.25]),
            "flown-on": st.integers(0, 4).map(lambda days: (FIRST + timedelta(days=days)).isoformat()),
            "baggage": st.sampled_from(KEYS),
            "damages": st.lists(st.sampled_from(KEYS), min_size=1, unique=True).map(
                lambda w: sorted(w, key=KEYS.index)
            ),
            "vouchered": st.booleans(),
            "seat": st.sampled_from(["12A", "12b", "Ä_1%", "%"]),
        },
    )


QUESTIONS = {
    "custom_amount_from=0.5": lambda v: v.get("amount", -9) >= 0.5,
    "custom_amount_to=0": lambda v: v.get("amount", 9) <= 0,
    "custom_amount_from=-1&custom_amount_to=2": lambda v: -1 <= v.get("amount", 9) <= 2,
    "custom_flown-on_from=2026-01-02&custom_flown-on_to=2026-01-03": lambda v: (
        "2026-01-02" <= v.get("flown-on", "") <= "2026-01-03"
    ),
    "custom_baggage=lost": lambda v: v.get("baggage") == "lost",
    "custom_baggage=lost&custom_baggage=late": lambda v: v.get("baggage") in ("lost", "late"),
    "custom_damages=lost&custom_damages=torn": lambda v: bool({"lost", "torn"} & set(v.get("damages", ()))),
    "custom_vouchered=yes": lambda v: v.get("vouchered") is True,
    "custom_vouchered=no": lambda v: v.get("vouchered") is False,
    "custom_seat=2B": lambda v: "2b" in v.get("seat", "").lower(),
    "custom_seat=%25": lambda v: "%" in v.get("seat", ""),
    "custom_baggage=torn&custom_vouchered=yes&status=open": lambda v: (
        v.get("baggage") == "torn" and v.get("vouchered") is True
    ),
}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(many=st.lists(a_case(), min_size=1, max_size=12))
def test_every_question_finds_what_python_finds(fields, many):
    cases = open_with(many)
    for query, holds in QUESTIONS.items():
        assert found(query, cases=cases) == {str(place) for place, values in enumerate(many) if holds(values)}, query


def test_people_are_found_by_name_by_me_and_by_nobody(fields, db):
    ann, ben = make_user("ann"), make_user("ben")
    open_with([{"expert": ann}, {"expert": ben}, {}])
    assert found("custom_expert=me", ann) == {"0"}
    assert found("custom_expert=ben", ann) == {"1"}
    assert found("custom_expert=nobody", ann) == {"2"}


@pytest.mark.parametrize(
    "query",
    [
        "custom_unknown=1", "custom_baggage=gone", "custom_amount=5", "custom_amount_from=many", "custom_expert=zoe",
        "custom_amount_from=nan", "custom_flown-on_to=soon", "custom_vouchered=maybe",
        "custom_flown-on_from=0001-01-01",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_finds_nothing_and_says_so(fields, query):
    open_with([{"amount": 5}])
    asked = CaseFilterSet(QueryDict(query), models.Case.objects.all(), user=None)
    assert not asked.is_valid()
    assert not asked.qs.exists()


def test_only_fields_marked_for_it_can_be_asked(fields):
    models.CustomField.objects.filter(key="amount").update(is_filterable=False)
    assert not CaseFilterSet(QueryDict("custom_amount_from=1"), models.Case.objects.all(), user=None).is_valid()


def test_a_list_that_asks_nothing_of_custom_fields_reads_none(fields, django_assert_num_queries):
    with django_assert_num_queries(1):
        list(CaseFilterSet(QueryDict("escalated=no"), models.Case.objects.all(), user=None).qs)


def present():
    with connection.cursor() as cursor:
        indexes = connection.introspection.get_constraints(cursor, "case_management_case")
    return {name for name in indexes if name.startswith("cm_custom_")}


def explained(query, user=None):
    """The plan, where reading the whole table is the last resort."""
    rows = CaseFilterSet(QueryDict(query), models.Case.objects.order_by(), user=user).qs.order_by()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")
    try:
        return rows.explain()
    finally:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("RESET enable_seqscan")


@pytest.fixture
def no_custom_indexes(transactional_db):
    """A table as it is created: emptying the tables between tests leaves the indexes of fields that went with them."""

    def settle():
        models.CustomField.objects.all().delete()
        while build_custom_indexes():
            pass

    settle()
    yield
    settle()


@pytest.mark.django_db(transaction=True)
def test_indexes_are_built_used_and_dropped_while_the_site_runs(no_custom_indexes):
    user = make_user("ann")
    names = {"number": "Amount", "date": "Flown on", "choice": "Baggage", "yes_no": "Paid", "user": "Expert"}
    fields = {kind: make_field(name, kind) for kind, name in names.items()}
    fields["choices"] = make_field("Damages", "choices")
    make_field("Seat", "text")
    queries = {
        "number": "custom_amount_from=5", "date": "custom_flown-on_to=2026-01-31", "choice": "custom_baggage=lost",
        "yes_no": "custom_paid=no", "user": "custom_expert=me", "choices": "custom_damages=lost",
    }  # fmt: skip
    open_with([{"amount": 5, "baggage": "lost", "damages": ["lost"], "paid": False}])
    while build_custom_indexes():
        pass
    if connection.vendor == "sqlite":
        del queries["choices"]
    assert present() == {index_name(fields[kind]) for kind in queries}
    for kind, query in queries.items():
        assert index_name(fields[kind]) in explained(query, user), query
    assert build_custom_indexes() == 0
    models.CustomField.objects.filter(key="baggage").update(is_filterable=False)
    assert build_custom_indexes() == 1
    assert index_name(fields["choice"]) not in present()
    models.CustomField.objects.all().delete()
    while build_custom_indexes():
        pass
    assert present() == set()


@pytest.mark.django_db(transaction=True)
def test_an_index_that_a_killed_worker_left_unusable_is_built_anew(no_custom_indexes):
    if connection.vendor != "postgresql":
        pytest.skip("skipped: needs PostgreSQL (pytest --database postgres)")
    field = make_field("Amount", "number")
    assert build_custom_indexes() == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [index_name(field)])
    assert build_custom_indexes() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", [index_name(field)])
        assert cursor.fetchone() == (True,)
