"""Who acts: a user, a rule, the system, an API client or an import; nobody acts without being named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from django.utils import timezone
from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration, RightMissing


class ActorKind(StrEnum):
    """What sort of actor it is; stored on each event."""

    USER = "user"
    RULE = "rule"
    SYSTEM = "system"
    API = "api"
    IMPORT = "import"


class Authority(Protocol):
    """Answers for rows' rights; :mod:`case_management.access` is the one that apps.py installs."""

    def may(self, user: Any, permission: str, case: Any) -> bool:
        """Whether ``user`` holds ``permission`` on ``case``."""

    def allowed_among(self, user: Any, permission: str, case_ids: list[int]) -> set[int]:
        """Those of ``case_ids`` on which ``user`` holds ``permission``, in one query."""

    def may_open(self, user: Any, unit_id: int | None) -> bool:
        """Whether ``user`` may open a case for the unit."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The event that made a rule act, and how many rules stand between it and a person."""

    event_id: int
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Actor:
    """The ``by`` of every operation.

    ``user`` is set for people (and for imports and API calls made in a person's name): their rights hold.
    Rules and the system act on the organisation's behalf and are not asked for rights.
    ``at`` is the moment at which they act: left empty it is now; an import may back-date what it records. ``causes``
    tells, per case id, which event made a rule act.
    """

    kind: ActorKind
    label: str
    user: Any = None
    causes: Mapping[int, Cause] = field(default_factory=dict)
    at: datetime | None = field(default=None)

    @classmethod
    def from_user(cls, user: Any) -> Actor:
        """A person at a keyboard."""
        return cls(ActorKind.USER, str(user.get_username()), user)

    @classmethod
    def from_api(cls, user: Any) -> Actor:
        """A program that holds a person's token."""
        return cls(ActorKind.API, str(user.get_username()), user)

    @classmethod
    def importing(cls, user: Any, *, batch: str, at: datetime | None = None) -> Actor:
        """A file that ``user`` imports; ``at`` says when it happened in the old system."""
        return cls(ActorKind.IMPORT, batch, user, at=at)

    @classmethod
    def rule(cls, label: str, *, causes: Mapping[int, Cause] | None = None) -> Actor:
        """A rule; ``label`` is its key and version, such as ``unhappy-customer.v2``."""
        return cls(ActorKind.RULE, label, causes=causes or {})

    @classmethod
    def system(cls, label: str) -> Actor:
        """A job of the package itself; ``label`` names the job."""
        return cls(ActorKind.SYSTEM, label)

    @property
    def user_id(self) -> int | None:
        """Primary key of the person behind the actor, if there is one."""
        return self.user.pk if self.user is not None else None

    @property
    def needs_rights(self) -> bool:
        """People, and what runs in their name, are asked for rights."""
        return self.kind in (ActorKind.USER, ActorKind.API) or self.user is not None

    def moment(self) -> datetime:
        """When what is recorded happened (aware, UTC): now, unless an import knows better."""
        return self.at or timezone.now()

    def at_this_moment(self) -> Actor:
        """The same actor with the clock stopped, so that all that one operation decides and records agrees in time."""
        return self if self.at else replace(self, at=timezone.now())

    def backdated(self, at: datetime) -> Actor:
        """The same importing actor at another moment."""
        return replace(self, at=at)

    def require(self, permission: str, case: Any) -> None:
        """Raise RightMissing unless the actor holds ``permission`` on ``case``."""
        if self.needs_rights and not authority().may(self.user, permission, case):
            raise RightMissing(self.refusal(permission), permission=permission)

    def allowed_among(self, permission: str, case_ids: list[int]) -> set[int]:
        """Those of ``case_ids`` that the actor may touch, in one query."""
        if not self.needs_rights:
            return set(case_ids)
        return authority().allowed_among(self.user, permission, case_ids)

    def require_opening(self, unit_id: int | None) -> None:
        """Raise RightMissing unless the actor may open a case for the unit."""
        if self.needs_rights and not authority().may_open(self.user, unit_id):
            raise RightMissing(self.refusal("add_case"), permission="add_case")

    def refusal(self, permission: str) -> str:
        """The sentence for somebody who lacks the right."""
        return _("%(who)s may not do this here (right “%(right)s”); ask an administrator for a role that may.") % {
            "who": self.label,
            "right": permission,
        }


_installed: list[Authority] = []


def install_authority(rights: Authority) -> None:
    """Called once by apps.py: rows' rights live above the domain."""
    _installed[:] = [rights]


def authority() -> Authority:
    """The installed authority."""
    if not _installed:
        raise InvalidConfiguration('Add "case_management" to INSTALLED_APPS: no authority for rights is installed.')
    return _installed[0]
