"""What a rule may compare with: each check returns the value as it is compared, or says what to write."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.timezone import is_naive
from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration

#: Digits after the point that a number in a rule may have.
DECIMALS = 6


def number(value: Any) -> Decimal:
    """A finite number below a thousand billions."""
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        found = Decimal(str(value))
    except InvalidOperation:
        raise InvalidConfiguration(_("“%s” is not a number.") % value) from None
    if not found.is_finite() or abs(found) >= Decimal("1e12") or found != round(found, DECIMALS):
        raise InvalidConfiguration(_("“%s” is not a number that can be compared.") % value)
    return found


def text(value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip() or "\x00" in value:
        raise InvalidConfiguration(_("Give a text to compare with, not “%s”.") % value)
    return value


def texts(value: Any) -> list[str]:
    """At least one text."""
    if not isinstance(value, list) or not value:
        raise InvalidConfiguration(_("Give a list of at least one value, not “%s”.") % value)
    return [text(item) for item in value]


def truth(value: Any) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        raise InvalidConfiguration(_("Give true or false, not “%s”.") % value)
    return value


def moment(value: Any) -> datetime:
    """An instant with its offset."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise InvalidConfiguration(
            _("“%s” is not a time in ISO 8601, such as 2026-03-01T09:00+00:00.") % value
        ) from None
    if is_naive(found):
        raise InvalidConfiguration(_("“%s” needs an offset from UTC, such as +00:00.") % value)
    return found


def day(value: Any) -> str:
    """A date."""
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise InvalidConfiguration(_("“%s” is not a day, such as 2026-03-01.") % value) from None


def nothing(value: Any) -> None:
    """No value at all."""
    if value is not None:
        raise InvalidConfiguration(_("This comparison takes no value, but got “%s”.") % value)


def answer(value: Any) -> Any:
    """A text, a number, or yes or no."""
    if isinstance(value, (bool, int, float)):
        return value
    return text(value)


def from_and_to(value: Any) -> dict[str, str]:
    """``from`` and ``to``, of which one may be missing; a missing one is anything."""
    if not isinstance(value, dict) or set(value) - {"from", "to"} or not any(value.values()):
        raise InvalidConfiguration(_("Give “from”, “to” or both, not “%s”.") % value)
    return {name: text(each) for name, each in value.items() if each is not None and each != ""}


def count_in_days(value: Any) -> dict[str, int]:
    """``count``, and ``days`` back from the subject's own moment; without days all there ever were."""
    if not isinstance(value, dict) or "count" not in value or set(value) - {"count", "days"}:
        raise InvalidConfiguration(_("Give “count” and “days”, not “%s”.") % value)
    found = {name: each for name, each in value.items() if each is not None}
    if any(isinstance(each, bool) or not isinstance(each, int) or each < 0 for each in found.values()):
        raise InvalidConfiguration(_("“count” and “days” are whole numbers, not “%s”.") % value)
    if found.get("days") == 0 or found.get("days", 1) > 3660:
        raise InvalidConfiguration(_("“days” lies between 1 and 3660."))
    return found
