"""What can be exported under which key; a host registers its own Resources here, or takes the place of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access.rights import held_roots
from case_management.exceptions import InvalidConfiguration, RightMissing
from case_management.models import Case
from case_management.registry import Registry
from case_management.resources.case_resource import CaseResource
from case_management.resources.taxonomies import TAXONOMIES

EXPORT_RIGHT = "export_case"
CASES = "cases"


@dataclass(frozen=True)
class Offer:
    """One table that can be exported; ``resource`` is a Resource class that takes ``user``.

    >>> from case_management.resources.catalogue import Offer, offers
    >>> offers.register("our_cases", Offer("Cases with zone", OurCases))  # doctest: +SKIP
    """

    label: str | Promise
    resource: Any

    @property
    def model(self) -> Any:
        """The model of its rows."""
        return self.resource._meta.model


#: Key → offer; the key is stored with each export.
offers: Registry[Offer] = Registry("export")
offers.register(CASES, Offer(gettext_lazy("Cases"), CaseResource))
for _model, _resource in TAXONOMIES.items():
    offers.register(str(_model._meta.model_name), Offer(_model._meta.verbose_name_plural or "", _resource))


def may_export(user: Any, key: str = CASES) -> bool:
    """Whether the person may export anything under that key; which rows is decided when they are read."""
    if not user.is_active:
        return False
    if user.is_superuser:
        return True
    model = offers.get(key).model
    seen = model is Case or user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
    return bool(seen and held_roots(user, EXPORT_RIGHT))


def offered_to(user: Any) -> list[tuple[str, str]]:
    """Key and label of what the person may export."""
    return [(key, str(offer.label)) for key, offer in offers.items() if may_export(user, key)]


def resource_for(user: Any, key: str) -> Any:
    """The Resource under that key, in the person's name. Raises RightMissing or InvalidConfiguration."""
    if key not in offers:
        raise InvalidConfiguration(
            _("There is nothing to export under “%(key)s”. Known: %(known)s.")
            % {"key": key, "known": ", ".join(offers)}
        )
    if not may_export(user, key):
        message = _("%(who)s may not export %(what)s; ask an administrator for a role that may.")
        what = {"who": user.get_username(), "what": offers.get(key).label}
        raise RightMissing(message % what, permission=EXPORT_RIGHT)
    return offers.get(key).resource(user=user)


def import_resource_for(user: Any) -> Any:
    """The Resource by which the person imports cases; the right is checked by the import itself."""
    return offers.get(CASES).resource(user=user)
