"""What a set-up screen is: its model, its list, its form and the words that explain it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import models

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


@dataclass(frozen=True)
class Screen:
    """One set-up screen. Without a form it is a ledger: people read it, the machinery writes it.

    ``rows`` gives the rows that a user may see; every view of every door starts from it. ``parts`` are the models that
    belong to an entry and go with it when it is deleted. ``revive`` names the topic of background work that is woken
    when somebody retries a dead row.
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
    rows: Callable[[Any], Any] | None = field(default=None)

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
        return (self.rows or every_row(self.model))(user)

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
