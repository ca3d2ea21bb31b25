"""Rows' rights: who sees which cases and who may do what to them; the only place that knows."""

from case_management.access.coverage import Coverage
from case_management.access.rights import (
    MembershipAuthority,
    holders_for,
    may,
    rights_on,
    visible_to,
    visible_units,
)

__all__ = ["Coverage", "MembershipAuthority", "holders_for", "may", "rights_on", "visible_to", "visible_units"]
