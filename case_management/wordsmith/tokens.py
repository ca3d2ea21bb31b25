"""The closed list of tokens: each has a name, a label, an example, and a function that finds its value."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from case_management.registry import Registry
from case_management.wordsmith.letter import Letter


@dataclass(frozen=True)
class Token:
    """One name that wordings may use; ``find`` gives plain text.

    A token without a value is never replaced by nothing: the agent is asked for it, as for a prompt. ``many_lines``:
    line breaks of the value are kept.

    >>> from case_management.wordsmith import Token, tokens
    >>> tokens.register("LOYALTY TIER", Token("Loyalty tier", "Gold", lambda letter: letter.case.custom.get("tier")))
    ... # doctest: +SKIP
    """

    label: str | Promise
    example: str
    find: Callable[[Letter], str | None]
    many_lines: bool = False

    def value(self, letter: Letter) -> str:
        """What stands in its place; empty where the case has nothing to say."""
        found = str(self.find(letter) or "")
        return _readable(found).strip() if self.many_lines else " ".join(_readable(found).split())


def _readable(text: str) -> str:
    """Without control characters, which have no place in a letter; line breaks and tabs stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc")


#: A host registers its own in ``AppConfig.ready()``; names are in capitals.
tokens: Registry[Token] = Registry("token")


def values_of(letter: Letter, names: Iterable[str] | None = None) -> dict[str, str]:
    """Name → value for every registered token, or for those of ``names``; each is found once."""
    wanted = None if names is None else set(names)
    return {name: token.value(letter) for name, token in tokens.items() if wanted is None or name in wanted}


def _customer(letter: Letter) -> str:
    return letter.case.contact.name if letter.case.contact else ""


def _first_word(text: str) -> str:
    return next(iter(text.split()), "")


def _agent(letter: Letter) -> str:
    return str(letter.agent.get_full_name() or letter.agent.get_username())


def _agent_first_name(letter: Letter) -> str:
    return str(getattr(letter.agent, "first_name", "") or _first_word(_agent(letter)))


def _opened(letter: Letter) -> str:
    return date_format(timezone.localtime(letter.case.opened_at), "DATE_FORMAT")


for _name, _token in {
    "CUSTOMER NAME": Token(_("The customer's name"), "Robin Ashdown", _customer),
    "CUSTOMER FIRST NAME": Token(
        _("The first word of the customer's name"), "Robin", lambda letter: _first_word(_customer(letter))
    ),
    "CASE REFERENCE": Token(_("The case's reference"), "7KQ2M9XA", lambda letter: letter.case.reference),
    "CASE TITLE": Token(_("The case's title"), "The room was cold", lambda letter: letter.case.title),
    "CASE TOPIC": Token(
        _("What the case is about"), "Temperature",
        lambda letter: letter.case.topic.name if letter.case.topic else "",
    ),
    "CASE DATE": Token(_("The day on which the case was opened"), "23 November 2026", _opened),
    "UNIT NAME": Token(
        _("The unit's name, without its number"), "Harbour",
        lambda letter: letter.case.unit.name if letter.case.unit else "",
    ),
    "TEAM NAME": Token(
        _("The team's name"), "Guest relations", lambda letter: letter.case.team.name if letter.case.team else ""
    ),
    "AGENT NAME": Token(_("Your full name"), "Ann Okafor", _agent),
    "AGENT FIRST NAME": Token(_("Your first name"), "Ann", _agent_first_name),
    "SIGNATURE": Token(
        _("The signature that you chose, else your name"), "Kind regards, Ann Okafor",
        lambda letter: letter.signature or _agent(letter), many_lines=True,
    ),
}.items():  # fmt: skip
    tokens.register(_name, _token)
