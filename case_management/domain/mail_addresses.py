"""E-mail addresses as people type them and as headers hold them."""

from __future__ import annotations

import re
from email.utils import parseaddr

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from case_management.domain.mail_text import one_line

_BETWEEN = re.compile(r"[,;\n\r]+")


def split_addresses(text: str) -> list[str]:
    """What stands between commas, semicolons and line ends: bare addresses, each once, in their order."""
    found: dict[str, str] = {}
    for part in _BETWEEN.split(text):
        if address := bare_address(part):
            found.setdefault(address.casefold(), address)
    return list(found.values())


def bare_address(text: str) -> str:
    """The address of ``Name <address>``, or the text itself, without the space around it."""
    stripped = text.strip()
    return (parseaddr(stripped)[1] if stripped.endswith(">") else stripped) or stripped


def is_address(text: str) -> bool:
    """Whether it is one address that mail can be sent to, with nothing hidden in it."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return text == one_line(text, 320) and " " not in text


def comparable(text: str) -> str:
    """The form in which senders are compared."""
    return bare_address(text).casefold()


def with_name(name: str, address: str) -> str:
    """``"Name" <address>``; the address alone where there is no name."""
    shown = one_line(name, 120).replace("\\", "").replace('"', "'")
    return f'"{shown}" <{address}>' if shown else address
