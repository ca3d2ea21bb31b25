"""Template tags of the shared pages, and the one that a host writes on its own customer pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.db.models import Count, Exists, OuterRef, Q, Value, Window
from django.db.models.functions import Coalesce

from case_management.access import Reach
from case_management.exceptions import InvalidConfiguration
from case_management.models import Case, Contact, Membership
from case_management.models.contact import customer_models
from case_management.notifications.links import workspace_path

register = template.Library()
#: So many open cases are shown on a customer's page; the rest is counted.
MOST_RECENT = 5


@register.simple_tag(takes_context=True)
def cm_url(context: dict[str, Any], name: str, *args: Any) -> str:
    """The address of a shared page in the reader's own admin: ``{% cm_url 'case' case.reference %}``."""
    address: str = context["shell"].reverse(name, *args)
    return address


@dataclass(frozen=True)
class RecentCase:
    """An open case and the address of its page."""

    case: Case
    url: str


@register.inclusion_tag("case_management/customer/recent_cases.html", takes_context=True)
def case_management_recent_cases(context: dict[str, Any], customer: Any) -> dict[str, Any]:
    """``{% case_management_recent_cases customer %}``: the customer's open cases that the reader may see.

    ``customer`` is an instance of a model in ``customer_models``. Nothing is shown to people who may see no cases at
    all. Three queries. A template of the host's at ``case_management/customer/recent_cases.html`` takes the place of
    ours; it gets ``cases`` (each ``case`` and ``url``), ``total``, ``contact_url`` and ``add_url``, which may be empty.
    """
    user = context["request"].user
    if not user.is_active:
        return {"is_shown": False}
    reach = Reach.of(user, "view_case")
    contact_id, may_add = _contact_of(customer, user)
    if not reach.roots:
        return {"is_shown": False}
    found = reach.cases().open().filter(contact=contact_id).annotate(cm_total=Window(Count("pk")))
    cases = list(found.order_by("-opened_at", "-pk")[:MOST_RECENT]) if contact_id else []
    new = workspace_path("new") if may_add else ""
    return {
        "is_shown": True,
        "cases": [RecentCase(case, workspace_path("case", case.reference)) for case in cases],
        "total": cases[0].cm_total if cases else 0,
        "contact_url": workspace_path("contact", contact_id) if cases else "",
        "add_url": f"{new}?contact={contact_id}" if new and cases else new,
    }


def _contact_of(customer: Any, user: Any) -> tuple[int | None, bool]:
    """The contact that stands for a customer of the host's, if there is one, and whether ``user`` may open cases."""
    label = customer._meta.label.lower()
    keys = [key for key, linked in customer_models.items() if linked.model.lower() == label]
    if not keys:
        raise InvalidConfiguration(f'Register {customer._meta.label} in "customer_models" to show its cases.')
    linked = Contact.objects.filter(customer_model__in=keys, customer_id=str(customer.pk)).order_by()
    role = Q(role__permissions__codename="add_case", role__permissions__content_type__app_label="case_management")
    adds = Membership.objects.filter(role, user=OuterRef("cm_user"))
    rows = linked.annotate(cm_user=Value(user.pk), cm_adds=Exists(adds))
    found = rows.values_list(Coalesce("merged_into", "pk"), "cm_adds").first()
    if found is None:
        return None, bool(user.is_superuser)
    return found[0], bool(user.is_superuser or found[1])
