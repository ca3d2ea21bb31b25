"""Nothing that people wrote can run, and nothing of ours stands inline."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils.html import escape

from case_management.domain.actor import Actor
from case_management.models import (
    Case,
    Contact,
)
from case_management.operations import (
    add_note,
)
from case_management.testing import make_case
from tests.ui.case_page.reading import interaction, ours

pytestmark = pytest.mark.django_db


EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'>"


def test_what_people_wrote_cannot_run(look: Any, case: Case, company: SimpleNamespace) -> None:
    evil = make_case(
        title=EVIL,
        description=EVIL,
        unit=company.harbour,
        priority=company.normal,
        contact=Contact.objects.create(name=EVIL),
    )
    interaction(company, evil, comment=EVIL + "!", title=EVIL, answers={EVIL: EVIL}, visit={EVIL: [EVIL]})
    add_note(evil, text=EVIL, by=Actor.from_user(company.ann))
    response = look(evil)
    assert escape(EVIL) in ours(response)
    assert "<script>alert" not in response.content.decode()
    assert "<img src=x" not in response.content.decode()


def test_our_part_of_the_page_has_no_inline_script_or_style(look: Any, case: Case) -> None:
    page = ours(look(case)).partition("</main>")[0]
    assert not re.findall(r"<[^>]+\s(?:on\w+|style)=", page)
    assert not re.findall(r"<script(?![^>]* src=)", page.partition("<footer")[0].partition("<script")[0])
