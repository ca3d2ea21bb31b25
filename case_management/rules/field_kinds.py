"""What a field of conditions is, and the two registries of those that there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

from case_management.models import CustomField
from case_management.registry import Registry


class Kind(StrEnum):
    """What sort of value a field holds; decides which operators it has."""

    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"
    YES_NO = "yes_no"
    MOMENT = "moment"
    DAY = "day"
    BRANCH = "branch"
    MANY = "many"
    #: An answer to a survey: a text, a number, yes or no, or a list of these.
    ANSWER = "answer"
    #: From which value to which an event changed something.
    CHANGE = "change"
    #: How many of something there were, up to this one.
    COUNT = "count"


@dataclass(frozen=True)
class Related:
    """Rows that hang on the subject: a condition on them holds when it does for at least one.

    ``link`` is the attribute of such a row that equals the subject's ``outer``. Where ``none_is_empty``, the field is
    empty when there is no row at all.
    """

    rows: Callable[[], Any]
    link: str
    outer: str = "pk"
    none_is_empty: bool = True


@dataclass(frozen=True)
class Field:
    """One thing that a condition may ask about.

    ``path`` is the lookup from the subject, or from the related row; for branches it leads to the tree node.
    ``personal`` values are not copied into traces. ``read`` gives the value of each subject where the database cannot
    compare it: from :class:`~case_management.rules.conditions.circumstances.Circumstances` to id → value.
    """

    label: Promise | str
    path: str
    kind: Kind
    personal: bool = False
    #: The custom field that it stands for, where it is one.
    custom: CustomField | None = None
    related: Related | None = None
    read: Callable[[Any], Mapping[int, Any]] | None = None

    @property
    def is_shown(self) -> bool:
        """Whether a trace may say what was seen."""
        return not self.personal and self.related is None and self.kind is not Kind.MANY


#: What rules on interactions may ask. A host adds its own in ``AppConfig.ready()``.
interaction_fields: Registry[Field] = Registry("field of interactions")
#: What rules on cases may ask.
case_fields: Registry[Field] = Registry("field of cases")
