"""Checks a response before it is saved: every name in brackets is a token, or a prompt that was declared."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from case_management.exceptions import InvalidConfiguration
from case_management.wordsmith.tokens import tokens
from case_management.wordsmith.written import MOST_BYTES, SLOT, Prompt, nearest, parse, tidy_name

_RESERVED = ("LOCKED", "/LOCKED")
MOST_PROMPTS = 20


def read_prompts(text: str) -> list[Prompt]:
    """From lines such as “DETAILS FROM CUSTOMER: What did the customer tell us?”. Raises InvalidConfiguration."""
    prompts: dict[str, Prompt] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _colon, label = line.partition(":")
        tidy = tidy_name(name.strip().removeprefix("[[").removesuffix("]]"))
        _require_free(tidy, line)
        if tidy in prompts:
            raise InvalidConfiguration(_("The prompt “%s” is declared twice.") % tidy)
        prompts[tidy] = Prompt(tidy, label.strip() or tidy.capitalize())
    if len(prompts) > MOST_PROMPTS:
        raise InvalidConfiguration(_("A response asks at most %d questions.") % MOST_PROMPTS)
    return list(prompts.values())


def _require_free(name: str, line: str) -> None:
    if not SLOT.fullmatch(f"[[{name}]]"):
        raise InvalidConfiguration(_("“%s” is not a name: write it without brackets, then a colon.") % line)
    if name in tokens or name.startswith(_RESERVED):
        raise InvalidConfiguration(_("“%s” is filled in by itself; choose another name for the prompt.") % name)


def prompts_in_lines(prompts: Iterable[Prompt]) -> str:
    """The opposite of :func:`read_prompts`."""
    return "\n".join(f"{prompt.name}: {prompt.label}" for prompt in prompts)


def check_text(text: str, prompts: Iterable[Prompt], *, is_subject: bool = False) -> None:
    """Raise InvalidConfiguration that names the first unknown name, and the known one that it is nearest to."""
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise InvalidConfiguration(_("The text is longer than %d kilobytes.") % (MOST_BYTES // 1024))
    wording, declared = parse(text), [prompt.name for prompt in prompts]
    if is_subject and wording.locks:
        raise InvalidConfiguration(_("A subject has no locked parts; lock a part of the text."))
    for name in wording.names():
        if name in tokens and is_subject and tokens.get(name).many_lines:
            raise InvalidConfiguration(_("[[%s]] has several lines, a subject has one.") % name)
        if name not in tokens and name not in declared:
            raise InvalidConfiguration(_unknown(name, declared))


def require_used(texts: Iterable[str], prompts: Iterable[Prompt]) -> None:
    """Raise InvalidConfiguration for a question whose answer would go nowhere."""
    used = {name for text in texts for name in parse(text).names()}
    for prompt in prompts:
        if prompt.name not in used:
            raise InvalidConfiguration(
                _("The prompt “%s” stands neither in the subject nor in the text.") % prompt.name
            )


def _unknown(name: str, declared: list[str]) -> str:
    near = nearest(name, [*tokens, *declared])
    if near:
        return _("There is no token [[%(name)s]]; did you mean [[%(near)s]]? A prompt has to be declared.") % {
            "name": name,
            "near": near,
        }
    return _("There is no token [[%s]]. If the agent is to fill it in, declare it as a prompt.") % name
