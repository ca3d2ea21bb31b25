"""Public holidays by country and region, from the ``holidays`` library where it is installed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

from django.utils.translation import gettext as _

from case_management.sla.days_off import DayOff, HolidaysUnreadable


def is_installed() -> bool:
    """Whether the library is there (``pip install "django-case-management[calendars]"``)."""
    return find_spec("holidays") is not None


def countries() -> list[tuple[str, str]]:
    """Code (ISO 3166-1) and English name of every country that the library knows, by name; empty without it."""
    if not is_installed():
        return []
    from holidays.registry import COUNTRIES  # noqa: PLC0415 - an optional extra

    named = [(codes[1], _in_words(codes[0])) for codes in COUNTRIES.values()]
    return sorted(named, key=lambda pair: pair[1])


def _in_words(class_name: str) -> str:
    """``UnitedKingdom`` as people write it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", class_name.removeprefix("Holidays"))


def regions(country: str) -> list[tuple[str, str]]:
    """Code and name of the country's regions with holidays of their own."""
    known: Any = _country(country, ())
    names = {code: name for name, code in getattr(known, "subdivisions_aliases", {}).items()}
    return [(code, names.get(code, code)) for code in known.subdivisions]


def public_holidays(country: str, region: str, years: Iterable[int], *, language: str = "") -> list[DayOff]:
    """The holidays of these years, in the language (such as ``de`` or ``en-us``) where the library speaks it.

    Raises HolidaysUnreadable for an unknown country or region, and where the library is not installed.

    >>> public_holidays("GB", "ENG", [2026])[0]  # doctest: +SKIP
    DayOff(date=datetime.date(2026, 1, 1), name="New Year's Day")
    """
    found = _country(country, tuple(years), region, language)
    return sorted(DayOff(day, name) for day, name in found.items())


def _country(country: str, years: tuple[int, ...], region: str = "", language: str = "") -> Any:
    if not is_installed():
        message = _("Holidays by country need the extra “calendars”: pip install django-case-management[calendars].")
        raise HolidaysUnreadable(message)
    import holidays  # noqa: PLC0415 - an optional extra

    try:
        plain = holidays.country_holidays(country, subdiv=region or None)
        spoken = _spoken(language, plain.supported_languages) or plain.default_language
        return holidays.country_holidays(country, subdiv=region or None, years=years, language=spoken)
    except NotImplementedError as error:
        message = _("Nothing is known of the holidays of “%(country)s %(region)s”; choose from the list.")
        raise HolidaysUnreadable(message % {"country": country, "region": region}) from error


def _spoken(language: str, offered: Iterable[str]) -> str | None:
    """The library's own spelling of the language, or None where it does not speak it."""
    code = language.replace("-", "_").lower()
    ranked = sorted(offered, key=lambda tag: (tag.lower() != code, tag))
    return next((tag for tag in ranked if code and tag.lower().split("_")[0] == code.split("_")[0]), None)
