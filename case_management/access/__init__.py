"""Rows' rights: who sees which cases and who may do what to them; the only place that knows."""

from case_management.access.contacts import ContactReach, may_correct, may_merge_contacts, visible_contacts
from case_management.access.coverage import Coverage
from case_management.access.reach import Reach
from case_management.access.rights import (
    MembershipAuthority,
    holders_for,
    may,
    rights_on,
    visible_to,
    visible_units,
)
from case_management.access.viewers import viewers_of

__all__ = [
    "ContactReach", "Coverage", "MembershipAuthority", "Reach", "holders_for", "may", "may_correct",
    "may_merge_contacts", "rights_on", "viewers_of", "visible_contacts", "visible_to", "visible_units",
]  # fmt: skip
