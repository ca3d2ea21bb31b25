"""Two people edit one case in every order that hypothesis thinks of: nobody's value goes without a conflict."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_management import models
from case_management.domain.actor import Actor
from case_management.models import Case, CustomField
from case_management.testing import make_case
from case_management.ui.forms import Desk
from case_management.ui.forms.edit import EditForm

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(company: SimpleNamespace) -> SimpleNamespace:
    """What can be chosen in each field; one of them is a free text."""
    CustomField.objects.create(key="seat_row", name="Seat row", kind="text")
    models.Topic.objects.filter(key__in=("seat", "food")).update(is_active=True)
    choices = {
        "topic": [str(company.seat.pk), str(company.food.pk)],
        "priority": [str(company.low.pk), str(company.normal.pk), str(company.urgent.pk)],
        "deadline": ["", "2031-01-02T10:30", "2031-02-03T11:45"],
        "custom_seat_row": ["", "12A", "Reihe 7 – Fenster"],
    }
    return SimpleNamespace(company=company, choices=choices)


class Person:
    """One page of the edit form: what it showed, and what was typed into it since."""

    def __init__(self, user: Any, case: Case) -> None:
        self.user, self.case = user, case
        self.load()

    def load(self) -> None:
        """Open the page."""
        form = EditForm(desk=Desk(self.user, Case.objects.get(pk=self.case.pk)))
        self.data = QueryDict(mutable=True)
        self.data["version"] = str(form.case.version)
        for name in form.fields:
            if name == "version":
                continue
            shown = form[name].value()
            text = "" if shown is None else str(form.fields[name].prepare_value(shown))
            self.data[name] = self.data[f"initial-{name}"] = text

    def send(self) -> EditForm:
        """Send it; the page that comes then is a fresh one, or the same with what was typed."""
        case = Case.objects.get(pk=self.case.pk)
        form = EditForm(self.data.copy(), desk=Desk(self.user, case))
        if not form.perform(case, Actor.from_user(self.user)):
            form.rebase(Case.objects.get(pk=self.case.pk))
            self.data = form.data.copy()
        else:
            self.load()
        return form


def value_of(case: Case, name: str) -> str:
    """The field as the form writes it."""
    case = Case.objects.get(pk=case.pk)
    if name == "custom_seat_row":
        return str(case.custom_texts.get("seat_row", "") or case.custom.get("seat_row", ""))
    if name == "deadline":
        return case.deadline.strftime("%Y-%m-%dT%H:%M") if case.deadline else ""
    return str(getattr(case, f"{name}_id"))


FIELDS = ("topic", "priority", "deadline", "custom_seat_row")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("type"), st.sampled_from((0, 1)), st.sampled_from(FIELDS), st.integers(0, 2)),
        st.tuples(st.just("send"), st.sampled_from((0, 1)), st.just(""), st.just(0)),
        st.tuples(st.just("load"), st.sampled_from((0, 1)), st.just(""), st.just(0)),
    ),
    max_size=9,
)


@given(steps=STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_is_overwritten_that_its_overwriter_has_not_seen(steps: list[Any], office: SimpleNamespace) -> None:
    company = office.company
    case = make_case(topic=company.seat, priority=company.normal, unit=company.harbour)
    people = [Person(company.ann, case), Person(company.ben, case)]
    for what, who, name, choice in steps:
        person = people[who]
        if what == "load":
            person.load()
        elif what == "type":
            offered = office.choices[name]
            person.data[name] = offered[choice % len(offered)]
        else:
            goes_by_the_rules(person, case)


def goes_by_the_rules(person: Person, case: Case) -> None:
    """Send, and compare each field before and after with what this person had seen and wanted."""
    before = {name: value_of(case, name) for name in FIELDS}
    saw = {name: person.data[f"initial-{name}"] for name in FIELDS}
    wanted = {name: person.data[name] for name in FIELDS}
    form = person.send()
    after = {name: value_of(case, name) for name in FIELDS}
    wishes = {name for name in FIELDS if wanted[name] != saw[name]}
    clashes = {name for name in wishes if before[name] != saw[name]}
    if form.errors:
        assert after == before, "what is refused is refused whole"
        assert {each.name for each in form.both} == {f"take-{name}" for name in clashes}
        assert all(person.data[name] == wanted[name] for name in wishes), "what was typed stays"
        return
    overwritten = {name for name in clashes if after[name] != before[name]}
    assert overwritten == set(), "nobody's value goes unseen"
    kept = {name for name in FIELDS if name not in wishes}
    assert all(after[name] == before[name] for name in kept), "fields that were left alone follow the case"
    assert all(after[name] == wanted[name] for name in wishes), "different fields merge"


def test_whoever_is_later_sees_both_values_and_chooses(office: SimpleNamespace) -> None:
    company = office.company
    case = make_case(topic=company.seat, priority=company.normal, unit=company.harbour)
    ann, ben = Person(company.ann, case), Person(company.ben, case)
    ann.data["custom_seat_row"], ben.data["custom_seat_row"] = "12A", "Reihe 7"
    ben.data["priority"] = str(company.urgent.pk)
    assert not ann.send().errors
    form = ben.send()
    assert form.http_status == 409
    assert [(each.theirs, each.mine) for each in form.both] == [("12A", "Reihe 7")]
    ben.data["take-custom_seat_row"] = "theirs"
    assert not ben.send().errors
    assert value_of(case, "custom_seat_row") == "12A"
    assert value_of(case, "priority") == str(company.urgent.pk), "the other field goes through"
    ben.data["custom_seat_row"] = "Reihe 7"
    assert not ben.send().errors
    assert value_of(case, "custom_seat_row") == "Reihe 7"
