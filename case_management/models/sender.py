"""As whom a unit writes to customers: its own name and address, else those of the unit above, else the site's."""

from __future__ import annotations

from email.utils import parseaddr

from case_management import conf
from case_management.domain.mail_addresses import with_name
from case_management.models.unit import Unit


def sender_for(unit: Unit | None) -> str:
    """``"Name" <address>`` of a unit's letters; name and address are inherited each by itself."""
    name, address = parseaddr(conf.email_from())
    found: dict[str, str] = {}
    for above_name, above_address in _line_of(unit):
        found |= {key: value for key, value in (("name", above_name), ("address", above_address)) if value}
    return with_name(found.get("name", name), found.get("address", address))


def _line_of(unit: Unit | None) -> list[tuple[str, str]]:
    """Names and addresses from the top of the tree down to the unit; one query."""
    if unit is None:
        return []
    step = int(Unit.steplen)
    paths = [unit.path[:end] for end in range(step, len(unit.path) + 1, step)]
    return list(Unit.objects.filter(path__in=paths).order_by("path").values_list("sender_name", "sender_address"))
