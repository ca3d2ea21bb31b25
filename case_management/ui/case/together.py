"""What the case page says of the others who are here, and what the reader left unsent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from case_management.models import Draft, Presence
from case_management.ui.case.drafts import drafts_of
from case_management.ui.case.panels import Deferred, Panel
from case_management.ui.case.presence import people_at

if TYPE_CHECKING:
    from case_management.ui.case.extras import Scene


def marks_for(user: Any) -> dict[str, Any]:
    """Annotations of the case as ``user`` reads it, so that what is seldom there costs no query of its own."""
    of_case = {"case": OuterRef("pk")}
    return {
        "has_drafts": Exists(Draft.objects.filter(**of_case, user=user)),
        "has_company": Exists(Presence.objects.filter(**of_case).exclude(user=user)),
    }


def together(scene: Scene) -> dict[str, Any]:
    """Who is here as the page is made."""
    is_alone = not getattr(scene.case, "has_company", True)
    return {"people_here": [] if is_alone else people_at(scene.case, scene.request.user, timezone.now())}


def resume_drafts(scene: Scene) -> dict[str, Any]:
    """Give the forms back what was typed, and open the latest; one that has just failed keeps what it was sent."""
    if not getattr(scene.case, "has_drafts", True):
        return {}
    drafts, panels = drafts_of(scene.request.user, scene.case), scene.panels
    for place in (panels.tabs, panels.more):
        place[:] = [_read(form, scene) if form.slug in drafts else form for form in place]
    for form in (*panels.tabs, *panels.more, *panels.sections.values()):
        if form.slug in drafts and form is not panels.failed and not isinstance(form, Deferred):
            form.resume(drafts[form.slug])
    panels.asked = panels.asked or next(iter(drafts), "")
    return {}


def _read(form: Panel, scene: Scene) -> Panel:
    """What was typed needs its form, also where that would have come later."""
    return form.form_class(desk=scene.desk) if isinstance(form, Deferred) else form
