"""The conditions as the template shows them: each row with what it offers, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration
from case_management.models import Interaction
from case_management.models.rule import Occasion
from case_management.registry import Registry
from case_management.rules.conditions.operators import OPERATORS
from case_management.rules.conditions.tree import MAX_DEPTH, parse
from case_management.rules.custom_fields import ANSWER, RESPONSE, VISIT, require_offered
from case_management.rules.fields import Field
from case_management.rules.options import Pairs, options_of
from case_management.ui.rules.draft import OPEN_NAMES, GroupDraft, LeafDraft
from case_management.ui.rules.values import shape_of, units

#: So many of the latest responses are looked through for the questions that they answer.
LATEST = 200
Groups = list[tuple[str, Pairs]]


@dataclass
class Row:
    """One condition on the page; ``path`` is its place, such as ``c.0.1``."""

    path: str
    number: str
    fields: Groups
    field: str
    asked: str
    open_name: str | None
    questions: list[str]
    ops: Pairs
    op: str
    shape: str
    options: Pairs
    given: dict[str, list[str]]
    units: Pairs
    is_new: bool = False
    error: str = ""

    @property
    def value(self) -> str:
        """The single value."""
        return next(iter(self.given.get("value", [])), "")

    @property
    def listed(self) -> str:
        """Several typed values."""
        return ", ".join(self.given.get("value", []))

    def __getattr__(self, name: str) -> str:
        """``row.amount`` and the like: the first of what was given under that name."""
        if name in ("amount", "unit", "count", "days", "from_", "to"):
            return next(iter(self.given.get(name.removesuffix("_"), [])), "")
        raise AttributeError(name)

    @property
    def chosen(self) -> list[str]:
        """Several chosen values."""
        return self.given.get("value", [])


@dataclass
class Group:
    """Conditions that are joined."""

    path: str
    number: str
    how: str
    parts: list[Any] = field(default_factory=list)
    may_nest: bool = True
    is_group: bool = True

    @property
    def count(self) -> int:
        """How many parts the form has to read."""
        return len(self.parts)


class Rows:
    """Makes rows of one rule; what they offer is read once for all of them."""

    def __init__(self, occasion: str, fields: Registry[Field]) -> None:
        self._occasion, self._fields = occasion, fields
        self._choices = list(_field_choices(occasion, fields))
        self._options: dict[str, Pairs] = {}
        self._units = units()

    def group(self, draft: GroupDraft, path: str = "c", depth: int = 0) -> Group:
        """The group and everything in it."""
        made = Group(path, _number(path), draft.how, may_nest=depth + 2 < MAX_DEPTH // 2)
        for n, part in enumerate(draft.parts):
            below = f"{path}.{n}"
            made.parts.append(
                self.group(part, below, depth + 1) if isinstance(part, GroupDraft) else self.row(part, below)
            )
        return made

    def row(self, leaf: LeafDraft, path: str) -> Row:
        """One condition."""
        asked = self._fields.get(leaf.name) if leaf.name in self._fields else None
        prefix = next((one for one in reversed(OPEN_NAMES) if leaf.name.startswith(one)), None)
        options = self._options_of(leaf.name, asked) if asked else []
        return Row(
            path=path, number=_number(path), fields=self._choices, field=prefix or leaf.name, asked=leaf.name,
            open_name=leaf.name.removeprefix(prefix) if prefix else None, questions=_questions(prefix),
            ops=[(key, str(op.label)) for key, op in OPERATORS[asked.kind].items()] if asked else [], op=leaf.op,
            shape=shape_of(asked.kind, leaf.op, bool(options)) if asked else "none", options=options,
            given=leaf.given, units=self._units, is_new=leaf.is_new, error="" if leaf.is_new else self._error(leaf),
        )  # fmt: skip

    def _options_of(self, name: str, asked: Field) -> Pairs:
        if name not in self._options:
            self._options[name] = options_of(name, asked)
        return self._options[name]

    def _error(self, leaf: LeafDraft) -> str:
        if not leaf.name:
            return _("Choose what to ask about.")
        try:
            for one in parse(leaf.stored(self._fields), self._fields).leaves():
                require_offered(one.field, one.value)
        except InvalidConfiguration as error:
            return error.message
        return ""


def _number(path: str) -> str:
    """How a person counts: ``c.0.1`` is 1.2."""
    return ".".join(str(int(place) + 1) for place in path.split(".")[1:])


def _field_choices(occasion: str, fields: Registry[Field]) -> Iterator[tuple[str, Pairs]]:
    """The fields under headings, in the order of their names."""
    groups: dict[str, Pairs] = {}
    for name in fields:
        asked = fields.get(name)
        groups.setdefault(_heading(name, occasion), []).append((name, capfirst(str(asked.label))))
    if occasion == Occasion.INTERACTION_RECEIVED:
        groups.setdefault(_("Survey"), []).extend(
            [(ANSWER, _("Answer to a question")), (VISIT, _("Fact of the visit"))]
        )
    else:
        words = [
            (RESPONSE + ANSWER, _("A response's answer to a question")),
            (RESPONSE + VISIT, _("A response's fact")),
        ]
        groups.setdefault(_("Responses of the case"), []).extend(words)
    for heading, pairs in groups.items():
        yield heading, sorted(pairs, key=lambda pair: pair[1].casefold())


def _heading(name: str, occasion: str) -> str:
    if name.startswith("custom."):
        return _("Custom fields")
    if name.startswith("changed.") or name in ("event", "done_by", "done_by_kind"):
        return _("What changed")
    if name.startswith(RESPONSE):
        return _("Responses of the case")
    if name.startswith("contact") or name == "country":
        return _("Contact")
    return _("Interaction") if occasion == Occasion.INTERACTION_RECEIVED else _("Case")


def _questions(prefix: str | None) -> list[str]:
    """What was answered lately, to choose from while typing."""
    if prefix is None:
        return []
    column = "answers" if prefix.endswith(ANSWER) else "visit"
    held = Interaction.objects.order_by("-pk").values_list(column, flat=True)[:LATEST]
    return sorted({str(name) for answers in held if isinstance(answers, dict) for name in answers})
