"""The views that the demo keeps can be opened."""

from __future__ import annotations

import random
from datetime import date

import pytest
from django.http import QueryDict

from case_management.models import Case, SavedView
from case_management.testing.demo import company, people
from case_management.ui.lists.question import Question
from case_management.ui.reader import Reader


@pytest.mark.django_db
def test_every_view_of_the_demo_asks_what_can_be_answered() -> None:
    company.found_company(date(2026, 11, 22))
    staff = people.hire(random.Random(1))
    views = list(SavedView.objects.all())
    assert len(views) == len(people.VIEWS)
    for view in views:
        question = Question(QueryDict(view.query), Case.objects.all(), view.owner)
        assert question.filters.is_valid(), question.errors
    assert any(Reader.of(person.user).pins for person in staff)
