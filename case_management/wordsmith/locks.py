"""Parts of a response that agents may not edit: what has to stand in the letter, and which part does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from case_management.exceptions import LockedPartChanged
from case_management.wordsmith.written import Slot, Wording


@dataclass(frozen=True)
class LockedPart:
    """A title, the words between the agent's own answers, and the whole as it should read."""

    title: str
    chunks: tuple[str, ...]
    original: str


def locked_parts(wording: Wording, values: Mapping[str, str], *, whole: bool = False) -> list[LockedPart]:
    """Every locked part with ``values`` filled in; with ``whole`` the entire text is one. Empty places stay free."""
    if whole:
        return [_part(_("the whole text"), wording, values, None)]
    return [_part(title, wording, values, number) for number, title in enumerate(wording.locks)]


def _part(title: str, wording: Wording, values: Mapping[str, str], number: int | None) -> LockedPart:
    chunks, original = [""], ""
    for part in wording.parts:
        if number is not None and part.lock != number:
            continue
        said = values.get(part.name, "") if isinstance(part, Slot) else part.text
        original += said or part.text
        if said:
            chunks[-1] += said
        else:
            chunks.append("")
    return LockedPart(title, tuple(chunk for chunk in map(_even, chunks) if chunk), original.strip())


def require_locked(parts: list[LockedPart], text: str) -> None:
    """Raise LockedPartChanged, which names the part and shows it as it was, unless ``text`` holds every part."""
    written = _even(text)
    for part in parts:
        at = 0
        for chunk in part.chunks:
            at = written.find(chunk, at)
            if at < 0:
                message = _("“%s” may not be changed. Put it back as it was: the original stands below.") % part.title
                raise LockedPartChanged(message, part=part.title, original=part.original, fields=["body"])
            at += len(chunk)


def _even(text: str) -> str:
    """Spaces and line breaks count as one space: browsers and mail programs change them by themselves."""
    return " ".join(text.split())
