"""From stored JSON to a tree, and from the tree to one ``Q`` that decides one case, a backlog or a backtest alike.

``{"all": […]}``, ``{"any": […]}``, ``{"not": …}`` and leaves ``{"field": …, "op": …, "value": …}``. No conditions holds
always. Comparisons with a missing value are false, and their negation is true: there is no third answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration
from case_management.models import CaseTag
from case_management.registry import Registry
from case_management.rules.conditions.operators import operator_for
from case_management.rules.fields import Field, Kind

#: Deeper trees are refused; nobody can read them, and databases have limits too.
MAX_DEPTH = 8
EVERYTHING = Q(pk__isnull=False)


@dataclass(frozen=True)
class Leaf:
    """One comparison."""

    name: str
    field: Field
    op: str
    value: Any

    def compile(self) -> Q:
        """Ask the database; a leaf answers true or false, also where values are missing."""
        if self.field.kind is Kind.MANY:
            return self._any_of_many()
        operator = operator_for(self.field, self.op)
        return operator.compile(self.field.path, self.value)

    def _any_of_many(self) -> Q:
        tags = CaseTag.objects.filter(case=OuterRef("pk"))
        if self.op == "empty":
            return ~Q(Exists(tags))
        wanted = self.value if isinstance(self.value, list) else [self.value]
        return Q(Exists(tags.filter(tag__key__in=wanted)))

    def leaves(self) -> Iterator[Leaf]:
        """Just this one."""
        yield self


@dataclass(frozen=True)
class Branch:
    """all, any or not over other nodes."""

    how: str
    parts: tuple[Leaf | Branch, ...]

    def compile(self) -> Q:
        """The parts joined; ``all`` of nothing holds, ``any`` of nothing does not."""
        compiled = [part.compile() for part in self.parts]
        if self.how == "not":
            return ~compiled[0]
        if not compiled:
            return EVERYTHING if self.how == "all" else ~EVERYTHING
        return reduce(and_ if self.how == "all" else or_, compiled)

    def leaves(self) -> Iterator[Leaf]:
        """Every comparison below, in reading order."""
        for part in self.parts:
            yield from part.leaves()


Node = Leaf | Branch


def parse(stored: Any, fields: Registry[Field], *, depth: int = 0) -> Node:
    """Read and check a stored tree; InvalidConfiguration names the part and the mend."""
    if depth > MAX_DEPTH:
        raise InvalidConfiguration(_("Conditions may be nested at most %d deep; flatten the tree.") % MAX_DEPTH)
    if stored in ({}, None):
        return Branch("all", ())
    if not isinstance(stored, dict):
        raise InvalidConfiguration(_("A condition is an object, not “%s”.") % str(stored)[:80])
    if "field" in stored:
        return _leaf(stored, fields)
    if len(stored) != 1 or next(iter(stored)) not in ("all", "any", "not"):
        raise InvalidConfiguration(
            _("A condition has one of the keys all, any, not – or field, op and value; this one has: %s.")
            % ", ".join(map(str, stored))
        )
    how, parts = next(iter(stored.items()))
    if how == "not":
        return Branch("not", (parse(parts, fields, depth=depth + 1),))
    if not isinstance(parts, list):
        raise InvalidConfiguration(_("“%s” takes a list of conditions.") % how)
    return Branch(how, tuple(parse(part, fields, depth=depth + 1) for part in parts))


def _leaf(stored: dict[str, Any], fields: Registry[Field]) -> Leaf:
    unknown = set(stored) - {"field", "op", "value"}
    if unknown:
        raise InvalidConfiguration(
            _("A comparison has field, op and value; take out: %s.") % ", ".join(sorted(unknown))
        )
    name = str(stored["field"])
    field = fields.get(name)
    op = str(stored.get("op", ""))
    value = operator_for(field, op).check(stored.get("value"))
    return Leaf(name, field, op, value)
