"""Forms about people: memberships, teams and signatures; nobody gives a role that reaches further than their own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from case_management.access import visible_units
from case_management.access.roles import grantable_roles, holds_everywhere
from case_management.models import Membership, Signature, Team, Unit
from case_management.ui.setup.forms import NAMED, NodeField, SetupForm


def _users() -> Any:
    users = get_user_model()
    return users._default_manager.order_by(users.USERNAME_FIELD)


def _active_users() -> Any:
    return _users().filter(is_active=True)


def memberships_for(user: Any) -> Any:
    """Memberships at the units where ``user`` may see memberships."""
    rows = Membership.objects.select_related("user", "role", "unit").order_by("user", "role", "unit__path")
    if holds_everywhere(user, "view_membership"):
        return rows
    return rows.filter(unit__in=visible_units(user, "view_membership"))


class _UnitField(NodeField):
    """A unit, in the order of the tree."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Unit.objects.order_by("path"), required=False, **kwargs)


def _unit_of(model: Any) -> _UnitField:
    field = model._meta.get_field("unit")
    return _UnitField(label=capfirst(field.verbose_name), help_text=field.help_text)


class MembershipForm(SetupForm):
    """Who, which role, where. Who and which are fixed once saved: another role is another membership."""

    unit = _unit_of(Membership)

    class Meta:
        model = Membership
        fields = ("user", "role", "unit", "is_available")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"user", "role"} & set(self.fields):
            self.fields[name].disabled = self.is_change
        if not self.is_change:
            self.offer("user", _active_users())
            self.offer("role", grantable_roles(self.acting))
        self.offer("unit", visible_units(self.acting, self._right).order_by("path"))
        self.fields["unit"].required = not holds_everywhere(self.acting, self._right)

    @property
    def _right(self) -> str:
        return "change_membership" if self.is_change else "add_membership"

    def clean(self) -> dict[str, Any]:
        """A membership of others' reach stays as it is."""
        cleaned = super().clean()
        if self.is_change and not grantable_roles(self.acting).filter(pk=self.instance.role_id).exists():
            raise forms.ValidationError(_("This role holds permissions that you do not have yourself."))
        if self.is_change and not self._reaches(self.stored().unit_id):
            raise forms.ValidationError(_("This membership reaches further than your own."))
        return cleaned

    def _reaches(self, unit_id: int | None) -> bool:
        if unit_id is None:
            return holds_everywhere(self.acting, self._right)
        return bool(visible_units(self.acting, self._right).filter(pk=unit_id).exists())


class TeamForm(SetupForm):
    """A team and its members."""

    class Meta:
        model = Team
        fields = (*NAMED[:2], "members", *NAMED[2:])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = Q(is_active=True) | Q(case_teams=self.instance.pk) if self.is_change else Q(is_active=True)
        self.offer("members", _users().filter(offered).distinct())


class SignatureForm(SetupForm):
    """A signature of one person, of a unit, or of everybody."""

    unit = _unit_of(Signature)

    class Meta:
        model = Signature
        fields = ("name", "text", "owner", "unit")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("owner", _active_users())
        self.offer("unit", self._units())

    def _units(self) -> Any:
        """Those within the person's reach, and the one that it has."""
        within = visible_units(self.acting, self._right).values("pk")
        return Unit.objects.filter(Q(pk__in=within) | Q(pk=self.instance.unit_id)).order_by("path")

    @property
    def _right(self) -> str:
        return "change_signature" if self.is_change else "add_signature"

    def clean(self) -> dict[str, Any]:
        """Everybody's signature takes the right everywhere."""
        cleaned = super().clean()
        is_own = cleaned.get("owner") is not None and cleaned["owner"] == self.acting
        if not cleaned.get("unit") and not is_own and not holds_everywhere(self.acting, self._right):
            self.add_error("unit", _("Choose one of your units, or yourself as the owner."))
        return cleaned
