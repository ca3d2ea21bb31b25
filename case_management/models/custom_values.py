"""One value of a custom field: what it may be, how it stands in JSON, how a file writes it and reads it back.

A value is JSON: a number, an ISO date, the key of an option, a list of such keys, true or false, the primary key of a
user, or a text. Nothing else gets into a case, so lists, filters and reports need not doubt what they find.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from case_management.exceptions import ValueUnknown
from case_management.models.custom_field import CustomField, FieldKind

#: What a value is in JSON; None takes it away.
Json = str | int | float | bool | list[str]
LONGEST_TEXT = 2000
#: So many digits survive every database and every program that reads JSON; so many of them after the point.
DIGITS, DECIMALS = 15, 6
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
#: Between several choices in one cell.
BETWEEN = "; "
YES = frozenset({"true", "yes", "y", "1", "x"})
NO = frozenset({"false", "no", "n", "0"})


def checked(field: CustomField, value: Any, people: Collection[int] = ()) -> Json | None:
    """``value`` as it is stored; None and what is empty take it away.

    ``people`` are the primary keys that may be named in a field for users. Raises ValueUnknown, which names the field
    and the mend.
    """
    if value is None or value == "" or (isinstance(value, list | tuple) and not value):
        return None
    if field.kind == FieldKind.USER:
        return _user(field, value, people)
    return _CHECKS[field.kind](field, value)


def read(field: CustomField, text: str, person: Callable[[str], int]) -> Json | None:
    """What a cell of a file says; ``person`` finds a user's primary key by user name.

    Options are known by label or key, days are ISO 8601, several choices stand with semicolons between them.
    """
    text = text.strip()
    if not text:
        return None
    if field.kind == FieldKind.NUMBER:
        return _number(field, _decimal(field, text))
    if field.kind == FieldKind.DATE:
        return _date(field, text.removesuffix("T00:00:00"))  # how sheets hold days
    if field.kind == FieldKind.YES_NO:
        return _truth(field, text)
    if field.kind == FieldKind.USER:
        return person(text)
    return checked(field, _options_named(field, text))


def written(field: CustomField, value: Any, people: Mapping[int, str]) -> Any:
    """The value for a file: numbers and truths in their own type, everything else as text that :func:`read` knows."""
    if field.kind == FieldKind.CHOICE:
        return _cell_label(field, value)
    if field.kind == FieldKind.CHOICES:
        return BETWEEN.join(_cell_label(field, key) for key in value)
    return people.get(value, str(value)) if field.kind == FieldKind.USER else value


def in_words(field: CustomField, value: Any, people: Mapping[int, str]) -> str:
    """The value for a person who reads a page, in their language."""
    if value is None:
        return "–"
    if field.kind == FieldKind.USER:
        return people.get(value) or _("no. %d") % value
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        labels = dict(field.option_pairs)
        keys: list[str] = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(key, key) for key in keys)
    return _plain_words(field.kind, value)


def _plain_words(kind: str, value: Any) -> str:
    if kind == FieldKind.YES_NO:
        return _("yes") if value else _("no")
    if kind == FieldKind.DATE:
        return formats.date_format(date.fromisoformat(value), "DATE_FORMAT")
    return str(formats.number_format(Decimal(str(value)))) if kind == FieldKind.NUMBER else str(value)


def refused(field: CustomField, message: str) -> ValueUnknown:
    """The error for a value, named by its field."""
    return ValueUnknown(
        _("“%(field)s”: %(problem)s") % {"field": field.name, "problem": message}, fields=[f"custom.{field.key}"]
    )


def _text(field: CustomField, value: Any) -> str | None:
    if not isinstance(value, str):
        raise refused(field, _("Write a text."))
    if len(value) > LONGEST_TEXT or "\x00" in value:
        raise refused(field, _("A text has at most %d characters, none of them a control code.") % LONGEST_TEXT)
    return value.strip() or None


def _number(field: CustomField, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise refused(field, _("“%s” is no number. Write digits, with a point before decimals.") % str(value)[:60])
    number = Decimal(str(value))
    if not number.is_finite() or abs(number) >= Decimal(10) ** DIGITS:
        raise refused(field, _("Write a number with at most %d digits.") % DIGITS)
    digits = number.normalize().as_tuple()
    decimals = max(-int(digits.exponent), 0)
    if decimals > DECIMALS or len(digits.digits) > DIGITS:
        limits = {"digits": DIGITS, "decimals": DECIMALS}
        raise refused(field, _("A number has at most %(digits)d digits, %(decimals)d of them decimals.") % limits)
    return float(number) if decimals else int(number)


def _decimal(field: CustomField, text: str) -> Decimal:
    try:
        if not text.isascii() or "_" in text:
            raise InvalidOperation
        return Decimal(text)
    except InvalidOperation:
        message = _("“%s” is no number. Write digits, with a point before decimals.") % text[:60]
        raise refused(field, message) from None


def _date(field: CustomField, value: Any) -> str:
    day = value
    if isinstance(value, str):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise refused(field, _("“%s” is no day. Write it like 2026-03-31.") % value[:60]) from None
    if isinstance(day, datetime) or not isinstance(day, date) or not FIRST_DAY <= day <= LAST_DAY:
        raise refused(field, _("Give a day from 1900 to 2999."))
    return day.isoformat()


def _choice(field: CustomField, value: Any) -> str:
    keys = [key for key, _label in field.option_pairs]
    if isinstance(value, str) and value in keys:
        return value
    raise refused(field, _("“%(value)s” is not offered. Choose one of: %(known)s.") % _offered(value, keys))


def _choices(field: CustomField, value: Any) -> list[str] | None:
    if not isinstance(value, list | tuple | set | frozenset):
        raise refused(field, _("Give a list of options."))
    wanted = {_choice(field, key) for key in value}
    return [key for key, _label in field.option_pairs if key in wanted] or None


def _yes_no(field: CustomField, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise refused(field, _("“%s” is neither yes nor no. Write true or false.") % str(value)[:60])


def _truth(field: CustomField, text: str) -> bool:
    word = text.casefold()
    return _yes_no(field, True if word in YES else False if word in NO else text)


def _user(field: CustomField, value: Any, people: Collection[int]) -> int:
    pk = getattr(value, "pk", value)
    if isinstance(pk, int) and not isinstance(pk, bool) and pk in people:
        return pk
    raise refused(field, _("There is no such active user. Choose somebody else."))


def _options_named(field: CustomField, text: str) -> Any:
    if field.kind == FieldKind.TEXT:
        return text
    by_word = {label.casefold(): key for key, label in field.option_pairs}
    by_word |= {key.casefold(): key for key, _label in field.option_pairs}
    if field.kind == FieldKind.CHOICE:
        return by_word.get(text.casefold(), text)
    parts = [part for part in (piece.strip() for piece in text.split(BETWEEN.strip())) if part]
    return [by_word.get(part.casefold(), part) for part in parts]


def _cell_label(field: CustomField, key: str) -> str:
    """The option's label; its key where the label would not be read back as the same option."""
    labels = dict(field.option_pairs)
    label = labels.get(key, key)
    found = _options_named(field, label)
    return label if found in (key, [key]) else key


def _offered(value: Any, keys: list[str]) -> dict[str, str]:
    return {"value": str(value)[:60], "known": ", ".join(keys)}


_CHECKS: dict[str, Callable[[CustomField, Any], Json | None]] = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _choices,
    FieldKind.YES_NO: _yes_no,
}
