"""Which actions the page offers: those that the table allows from here and the person has the right to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from case_management.domain import transitions
from case_management.ui.forms import FORMS, Desk, OperationForm, Place

#: The tabs of the composer from left to right; a tab that is not named here comes after these.
TABS = ("note", "reply", "forward", "resolve", "reopen", "edit")
#: One-button forms that stand beside their elder.
BESIDE = {"unassign": "assign"}
#: HTTP status of a form that can be mended where it stands; any other one is shown among the tabs.
MENDABLE = 422


class Deferred:
    """A form that is read when its panel is opened; until then the panel leads to it."""

    panel_template = "case_management/forms/_deferred.html"
    errors: dict[str, Any] = {}

    def __init__(self, form_class: type[OperationForm]) -> None:
        self.form_class = form_class
        self.slug, self.title, self.place = form_class.slug, form_class.title, form_class.place
        self.shortcut, self.rare = form_class.shortcut, form_class.rare


Panel = OperationForm | Deferred


@dataclass
class Panels:
    """Forms by place; ``open_slug`` is the tab that is open when the page comes."""

    tabs: list[Panel] = field(default_factory=list)
    more: list[Panel] = field(default_factory=list)
    head: list[Panel] = field(default_factory=list)
    beside: dict[str, Panel] = field(default_factory=dict)
    sections: dict[str, Panel] = field(default_factory=dict)
    failed: OperationForm | None = None
    asked: str = ""

    @property
    def open_slug(self) -> str:
        """The one that failed, else the one that the address asks for, else the first."""
        slugs = [form.slug for form in self.tabs]
        if self.failed is not None and self.failed.slug in slugs:
            return self.failed.slug
        return self.asked if self.asked in slugs else next(iter(slugs), "")

    @property
    def open_more(self) -> str:
        """The one of "More actions" that is open, if one is."""
        slugs = [form.slug for form in self.more]
        if self.failed is not None and self.failed.slug in slugs:
            return self.failed.slug
        return self.asked if self.asked in slugs else ""


def offered(desk: Desk) -> list[type[OperationForm]]:
    """Forms whose step is possible from the case's status, allowed to the person, and has something to do."""
    assert desk.case is not None  # noqa: S101 - tells the type checker; a page has a case
    possible = {step.verb for step in transitions.possible_from(desk.case.state)}
    return [
        form
        for form in FORMS.values()
        if form.permission() in desk.rights
        and (not form.verbs or possible.intersection(form.verbs))
        and form.suits(desk)
    ]


def panels_for(desk: Desk, failed: OperationForm | None = None, asked: str = "") -> Panels:
    """Every offered form in its place. A form that failed stays, so that what was typed is not lost."""
    panels = Panels(failed=failed, asked=asked)
    classes = offered(desk)
    if failed is not None and type(failed) not in classes:
        classes.insert(0, type(failed))
    for form_class in classes:
        _place(panels, _panel(form_class, desk, panels))
    panels.more.sort(key=lambda form: form.rare)
    panels.tabs.sort(key=lambda form: TABS.index(form.slug) if form.slug in TABS else len(TABS))
    panels.tabs = [_opened(form, desk, panels) for form in panels.tabs]
    return panels


def _panel(form_class: type[OperationForm], desk: Desk, panels: Panels) -> Panel:
    if panels.failed is not None and type(panels.failed) is form_class:
        return panels.failed
    if form_class.is_deferred and form_class.slug != panels.asked:
        return Deferred(form_class)
    return form_class(desk=desk)


def _opened(form: Panel, desk: Desk, panels: Panels) -> Panel:
    """The tab that is open has its form, also where nobody asked for it."""
    if isinstance(form, Deferred) and form.slug == panels.open_slug:
        return form.form_class(desk=desk)
    return form


def _place(panels: Panels, form: Panel) -> None:
    hopeless = form is panels.failed and panels.failed.http_status != MENDABLE
    if form.place is Place.TAB:
        panels.tabs.append(form)
    elif form.place is Place.SECTION and not hopeless:
        panels.sections[form.slug] = form
    elif form.place is Place.HEAD and not form.errors:
        panels.head.append(form)
    elif form.slug in BESIDE and not form.errors:
        panels.beside[BESIDE[form.slug]] = form
    elif form is panels.failed and form.place is not Place.MORE:
        panels.tabs.append(form)
    else:
        panels.more.append(form)
