"""Who may add, change and delete what is set up: what belongs to a unit within one's branch, the rest for everybody."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.functional import cached_property

from case_management.models import Macro, Membership, Signature, Unit

APP = "case_management"
#: Entries that belong to a unit. All others are shared: to change one is to change it for every branch.
OF_A_UNIT: tuple[type[Any], ...] = (Unit, Membership, Signature)


def may_set_up(user: Any, action: str, what: Any) -> bool:
    """Whether ``user`` may ``add``, ``change`` or ``delete`` an entry, or, given a model, some entry of it.

    It takes the right, held by a role that reaches so far: at or above the entry's unit, or everywhere for what has
    none. A signature of one's own is one's own to change, and so is a macro; to share a macro is a right of its own.
    """
    return SetUp(user).may(action, what)


class SetUp:
    """The same question for many entries: where the rights are held is read once."""

    def __init__(self, user: Any) -> None:
        self._user = user

    def may(self, action: str, what: Any) -> bool:
        """See :func:`may_set_up`."""
        model: Any = what if isinstance(what, type) else type(what)
        right = f"{action}_{model._meta.model_name}"
        if not self._user.has_perm(f"{model._meta.app_label}.{right}"):
            return False
        if self._user.is_superuser:
            return True
        roots = self._roots[right]
        if model is Macro:
            return bool(roots) and (what is model or self._may_change(what))
        if None in roots:
            return True
        if model not in OF_A_UNIT:
            return False
        return bool(roots) if what is model else self._reaches(roots, what)

    @cached_property
    def _roots(self) -> dict[str, set[str | None]]:
        """Codename of a right → tree paths of the units at which it is held; one query for all of them."""
        roots: dict[str, set[str | None]] = defaultdict(set)
        if self._user.is_active:
            mine = Membership.objects.filter(user=self._user, role__permissions__content_type__app_label=APP)
            for right, path in mine.values_list("role__permissions__codename", "unit__path").order_by():
                roots[right].add(path)
        return roots

    def _may_change(self, macro: Macro) -> bool:
        if not macro.is_shared:
            return bool(macro.owner_id == self._user.pk)
        sharing = self._roots["share_macro"]
        if macro.unit is None or macro.team_id is not None:
            return None in sharing
        return None in sharing or _is_below(macro.unit, sharing)

    def _reaches(self, roots: set[str | None], entry: Any) -> bool:
        if isinstance(entry, Signature) and entry.owner_id == self._user.pk:
            return bool(roots) and (entry.unit is None or _is_below(entry.unit, roots))
        unit = entry if isinstance(entry, Unit) else entry.unit
        return unit is not None and _is_below(unit, roots)


def _is_below(unit: Unit, roots: set[str | None]) -> bool:
    return any(unit.path.startswith(root) for root in roots if root is not None)
