"""From stored JSON to a tree, and from the tree to one ``Q`` that decides one case, a backlog or a backtest alike.

``{"all": […]}``, ``{"any": […]}``, ``{"not": …}`` and leaves ``{"field": …, "op": …, "value": …}``. No conditions holds
always. Comparisons with a missing value are false, and their negation is true: there is no third answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import BooleanField, Case, Q, Value, When
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration
from case_management.registry import Registry
from case_management.rules.conditions.circumstances import Circumstances
from case_management.rules.conditions.custom import compile_custom
from case_management.rules.conditions.operators import Operator, operator_for
from case_management.rules.field_kinds import Field

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

    def compile(self, about: Circumstances | None = None) -> Q:
        """Ask the database; a leaf answers true or false, also where values are missing."""
        about = about or Circumstances()
        operator = operator_for(self.field, self.op)
        if operator.opposite:
            return replace(self, op=operator.opposite).deny(about)
        related = self.field.related
        if related is None:
            return self._of_itself(operator, about)
        if self.op == "empty" and related.none_is_empty:
            return ~about.any_related(related)
        return about.any_related(related, self._of_itself(operator, about.of_related(related)))

    def deny(self, about: Circumstances) -> Q:
        """The rows for which the comparison does not hold, also where there is nothing to compare.

        ``~Q`` loses these where another condition brings the join to be an outer one, after it was negated.
        """
        holds = Case(When(self.compile(about), then=Value(True)), default=Value(False), output_field=BooleanField())
        return Q(Exact(holds, False))

    def _of_itself(self, operator: Operator, about: Circumstances) -> Q:
        if operator.test is not None and (operator.compile is None or self.field.read is not None):
            return self._of_what_was_read(operator.test, about.seen(self.field))
        if self.field.custom is not None:
            return compile_custom(self.field.custom, self.op, self.value)
        if operator.compile is None:
            raise InvalidConfiguration(_("“%s” cannot be compared like this.") % self.field.label)
        return operator.compile(self.field.path, self.value, about)

    def _of_what_was_read(self, test: Callable[[Any, Any], bool], seen: Mapping[int, Any]) -> Q:
        """Subjects of which nothing was read have no value: for them only “is empty” holds."""
        if self.op == "empty":
            return ~Q(pk__in=[pk for pk, value in seen.items() if not test(value, None)])
        return Q(pk__in=[pk for pk, value in seen.items() if test(value, self.value)])

    def leaves(self) -> Iterator[Leaf]:
        """Just this one."""
        yield self


@dataclass(frozen=True)
class Branch:
    """all, any or not over other nodes."""

    how: str
    parts: tuple[Leaf | Branch, ...]

    def compile(self, about: Circumstances | None = None) -> Q:
        """The parts joined; ``all`` of nothing holds, ``any`` of nothing does not."""
        about = about or Circumstances()
        if self.how == "not":
            return self.parts[0].deny(about)
        return _joined(self.how == "all", [part.compile(about) for part in self.parts])

    def deny(self, about: Circumstances) -> Q:
        """The rows for which the parts together do not hold.

        Each part is denied by itself, so that every comparison stays true or false.
        """
        if self.how == "not":
            return self.parts[0].compile(about)
        return _joined(self.how == "any", [part.deny(about) for part in self.parts])

    def leaves(self) -> Iterator[Leaf]:
        """Every comparison below, in reading order."""
        for part in self.parts:
            yield from part.leaves()


Node = Leaf | Branch


def _joined(is_all: bool, conditions: list[Q]) -> Q:
    if not conditions:
        return EVERYTHING if is_all else ~EVERYTHING
    return reduce(and_ if is_all else or_, conditions)


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
