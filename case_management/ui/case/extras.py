"""What stands on the case page beside the case itself: each part reads its own facts and has a template of its own.

A part is a function of a :class:`Scene` that returns context; its template shows nothing where the context lacks it:
``people_here`` → ``case/_together.html``, ``contact_page`` → ``case/_contact_page.html``,
``macros`` → ``case/_macros.html``, ``outgoing`` → ``case/_outgoing.html``,
``links`` → ``case/_links.html``, ``watchers`` → ``case/_watchers.html``,
``replies_owed`` and ``next_mark`` → ``case/_promises.html``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from case_management.models import Case
from case_management.ui.case.links import links, watchers
from case_management.ui.case.macros import macros_of
from case_management.ui.case.outgoing import outgoing
from case_management.ui.case.panels import Panels
from case_management.ui.case.promises import promises
from case_management.ui.case.together import resume_drafts, together
from case_management.ui.forms import Desk
from case_management.ui.shell import Shell


@dataclass(frozen=True)
class Scene:
    """One reader at one case; ``visible`` are the cases that they may see, as a queryset."""

    request: HttpRequest
    shell: Shell
    case: Case
    desk: Desk
    panels: Panels
    visible: Any


#: In the order in which they are read.
EXTRAS: tuple[Callable[[Scene], dict[str, Any]], ...] = (
    macros_of,
    outgoing,
    links,
    watchers,
    promises,
    together,
    resume_drafts,
)


def extras_of(scene: Scene) -> dict[str, Any]:
    """The context of all parts."""
    found: dict[str, Any] = {}
    for part in EXTRAS:
        found |= part(scene)
    return found
