"""Which actions the page offers: those that the table allows from here and the person has the right to."""

from __future__ import annotations

from dataclasses import dataclass, field

from case_management.domain import transitions
from case_management.ui.forms import FORMS, Desk, OperationForm

#: One-button forms that stand in the head of the page, and the one that stands beside its elder.
IN_THE_HEAD = ("resume", "close", "flag-for-me", "flag", "unflag")
BESIDE = {"unassign": "assign"}
#: Has a section of the page to itself.
OWN_SECTION = "tag"


@dataclass
class Panels:
    """Forms by place; ``open_slug`` is the panel that is open when the page comes."""

    main: list[OperationForm] = field(default_factory=list)
    head: list[OperationForm] = field(default_factory=list)
    beside: dict[str, OperationForm] = field(default_factory=dict)
    tags: OperationForm | None = None
    failed: OperationForm | None = None

    @property
    def open_slug(self) -> str:
        """The one that failed, else the first."""
        chosen = self.failed or next(iter(self.main), None)
        return chosen.slug if chosen else ""


def offered(desk: Desk) -> list[type[OperationForm]]:
    """Forms whose step is possible from the case's status, allowed to the person, and has something to do."""
    assert desk.case is not None  # noqa: S101 - tells the type checker; a page has a case
    possible = {step.verb for step in transitions.possible_from(desk.case.state)}
    return [
        form
        for form in FORMS.values()
        if form.permission() in desk.rights
        and (not form.verbs or possible.intersection(form.verbs))
        and form.fits(desk.case)
    ]


def panels_for(desk: Desk, failed: OperationForm | None = None) -> Panels:
    """Every offered form in its place. A form that failed stays, so that what was typed is not lost."""
    panels = Panels(failed=failed)
    classes = offered(desk)
    if failed is not None and type(failed) not in classes:
        classes.insert(0, type(failed))
    for form_class in classes:
        form = failed if failed is not None and type(failed) is form_class else form_class(desk=desk)
        _place(panels, form)
    return panels


def _place(panels: Panels, form: OperationForm) -> None:
    if form.slug == OWN_SECTION and not (form is panels.failed and form.http_status != 422):
        panels.tags = form
    elif form.slug in IN_THE_HEAD and not form.errors:
        panels.head.append(form)
    elif form.slug in BESIDE and not form.errors:
        panels.beside[BESIDE[form.slug]] = form
    else:
        panels.main.append(form)
