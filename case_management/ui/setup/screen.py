"""What a set-up screen is: its model, its list, its form and the words that explain it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from case_management.access import visible_to
from case_management.ui.setup.forms import SetupForm

#: A word in the code's language, translated when it is shown.
Text = Any


@dataclass(frozen=True)
class Column:
    """A column, or a line of a detail page, that is computed from a row; ``order`` is what it sorts by."""

    name: str
    label: Text
    value: Callable[[Any], Any]
    order: str = ""


def every_row(model: type[models.Model]) -> Callable[[Any], Any]:
    """The rows of a list that everybody who may open it sees in full."""
    return lambda user: model._default_manager.all()


def _case_count(fact: str, user: Any) -> Any:
    """Counted by the database for the rows of a page, in the page's own query."""
    carrying = visible_to(user).filter(**{fact: OuterRef("pk")}).order_by().values(fact)
    return Coalesce(Subquery(carrying.annotate(n=Count("pk")).values("n")), 0, output_field=IntegerField())


@dataclass(frozen=True)
class Screen:
    """One set-up screen. Without a form it is a ledger: people read it, the machinery writes it.

    ``rows`` gives the rows that a user may see; every view of every door starts from it. ``parts`` are the models that
    belong to an entry and go with it when it is deleted. ``revive`` names the topic of background work that is woken
    when somebody retries a dead row. ``counts`` is the fact of a case that points to an entry; then each row knows its
    ``case_count``, of the cases that the user may see. ``beyond`` are shared pages of an entry, by label and name, to
    which its form leads; ``besides`` those to which the list leads; ``drafts`` those to which what stands in the form
    is sent without being saved.
    """

    model: type[models.Model]
    help_text: Text
    columns: tuple[str | Column, ...]
    form: type[SetupForm] | None = None
    search: tuple[str, ...] = ("name", "key")
    filters: tuple[str, ...] = ("is_active",)
    ordering: tuple[str, ...] = ()
    icon: str = "list-ul"
    details: tuple[str | Column, ...] = ()
    parts: tuple[type[models.Model], ...] = ()
    is_tree: bool = False
    is_single: bool = False
    revive: str = ""
    counts: str = ""
    rows: Callable[[Any], Any] | None = field(default=None)
    beyond: tuple[tuple[Text, str], ...] = ()
    besides: tuple[tuple[Text, str], ...] = ()
    drafts: tuple[tuple[Text, str], ...] = ()

    @property
    def name(self) -> str:
        """The model's name: the part of addresses that says which screen it is."""
        return str(self.model._meta.model_name)

    @property
    def is_ledger(self) -> bool:
        """Whether people only read it."""
        return self.form is None

    def rows_for(self, user: Any) -> Any:
        """The rows that ``user`` may see."""
        rows = (self.rows or every_row(self.model))(user)
        return rows.annotate(case_count=_case_count(self.counts, user)) if self.counts else rows

    def detail_fields(self) -> tuple[str | Column, ...]:
        """What the read-only page of one entry shows: what the form asks, unless the screen says otherwise."""
        if self.details or self.form is None:
            return self.details or self.columns
        return tuple(self._detail(name, asked.label or name) for name, asked in self.form.base_fields.items())

    def _detail(self, name: str, label: Text) -> str | Column:
        derived = self.form.derived.get(name) if self.form else None
        return Column(name, label, derived) if derived else name


@dataclass(frozen=True)
class Section:
    """Screens that belong together, under one heading of the menu."""

    name: str
    label: Text
    icon: str
    screens: tuple[Screen, ...]
