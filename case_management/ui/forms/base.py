"""The base of forms that carry out one operation on one case; what the person saw travels with their wish."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self

from django import forms
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from case_management.domain import transitions
from case_management.domain.actor import Actor
from case_management.domain.events import Event
from case_management.exceptions import (
    CaseManagementError,
    NothingToChange,
    RightMissing,
    StaleCase,
    TransitionNotAllowed,
)
from case_management.models import Case, Draft
from case_management.timeline.conflicts import require_fresh
from case_management.ui.forms.desk import Desk
from case_management.ui.forms.once import fingerprint, once
from case_management.ui.forms.refusal import RefusableForm
from case_management.ui.news import News


class Place(StrEnum):
    """Where on the case page a form stands."""

    #: A tab of the composer.
    TAB = "tab"
    #: Among "More actions"; where nothing else is said.
    MORE = "more"
    #: One button in the head of the page.
    HEAD = "head"
    #: A section of the page shows it by its slug: ``panels.sections.tag``.
    SECTION = "section"


@dataclass(frozen=True, slots=True)
class Button:
    """A second button of a form; with a ``verb`` it sends what was typed to that form instead."""

    label: str | Promise
    verb: str = ""
    name: str = ""
    value: str = ""


class OperationForm(RefusableForm):
    """Validates, then :meth:`perform` calls the operation and turns its refusal into errors of the form.

    ``verbs`` are rows of the transition table; the form is offered where one of them is possible and allowed.
    """

    slug: ClassVar[str] = ""
    verbs: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str | Promise] = ""
    submit: ClassVar[str | Promise] = ""
    done: ClassVar[str | Promise] = ""
    place: ClassVar[Place] = Place.MORE
    #: The key that leads to the form, where the person uses shortcuts (see :mod:`case_management.ui.keys`).
    shortcut: ClassVar[str] = ""
    #: What draws the form inside its panel.
    panel_template: ClassVar[str] = "case_management/forms/_operation.html"
    #: Whether a button brings back what stood there before anybody typed.
    can_clear: ClassVar[bool] = False
    #: Whether what the form offers is read only when somebody opens its panel: for long lists.
    is_deferred: ClassVar[bool] = False
    #: Seldom needed: comes after the others of its place.
    rare: ClassVar[bool] = False

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, desk: Desk) -> None:
        assert desk.case is not None  # noqa: S101 - tells the type checker; views hand over a desk with a case
        self.desk, self.case = desk, desk.case
        #: What to say when nothing was left to do, and the case's fields in which others were faster.
        self.notice, self.outrun_in = "", set[str]()
        #: The slug of the form that is open afterwards; the page chooses where it is empty.
        self.opens = ""
        #: What was said meanwhile, where the form asks first.
        self.news: list[News] = []
        #: What it shows was kept as a draft: when, and all that was kept.
        self.draft_of: datetime | None = None
        self._drafted: dict[str, list[str]] = {}
        initial = {"version": self.case.version, **self.start_values()}
        super().__init__(data, auto_id=f"cm-{self.slug}-%s", initial=initial, label_suffix="")
        self.arrange()

    def with_files(self, files: Any) -> Self:
        """The form with what was uploaded."""
        self.files = files
        return self

    @classmethod
    def permission(cls) -> str:
        """The right that the form's verbs need."""
        return transitions.TABLE[cls.verbs[0]].permission

    @classmethod
    def fits(cls, case: Case) -> bool:
        """Whether the form has something to do for the case as it is."""
        return True

    @classmethod
    def suits(cls, desk: Desk) -> bool:
        """Whether the form has something to do for this person at the case."""
        return desk.case is not None and cls.fits(desk.case)

    def redrawn(self) -> Self | None:
        """The form to be shown next, for a button that asks for something and carries nothing out."""
        return None

    def buttons(self) -> list[Button]:
        """Further buttons beside the one that sends the form."""
        return []

    @property
    def advances(self) -> bool:
        """Whether the case is off the desk then, so that the next one may come."""
        return False

    def start_values(self) -> dict[str, Any]:
        """What the fields show before anybody typed."""
        return {}

    def resume(self, draft: Draft) -> None:
        """Go on from what the person typed earlier, in the knowledge that they had then.

        Fields that know what they showed at first are filled in by the browser, which keeps both.
        """
        self.draft_of, self._drafted = draft.saved_at, draft.content
        for name, values in draft.content.items():
            field = self.fields.get(name)
            if field is not None and values and not field.show_hidden_initial:
                many = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
                self.initial[name] = values if many else values[0]

    def arrange(self) -> None:
        """Give the fields what they offer for this case."""

    def operate(self, case: Case, by: Actor) -> None:
        """Call the operation with ``cleaned_data``; ``case.version`` is what the person saw."""
        raise NotImplementedError

    def perform(self, case: Case, by: Actor) -> bool:
        """Carry it out, once however often it is sent; False leaves the reasons in ``errors``.

        Raises RightMissing: a form cannot mend that.
        """
        if not self.is_valid():
            return False
        try:
            with transaction.atomic():
                once(by.user, fingerprint(self.data, self.slug, case.reference), lambda: self._run(case, by))
                self._forget_drafts(case, by)
        except RightMissing:
            raise
        except NothingToChange as error:
            self.notice = error.message
            self._forget_drafts(case, by)
        except CaseManagementError as error:
            self.refuse(error)
        return not self.errors

    def _run(self, case: Case, by: Actor) -> str:
        case.version = self.cleaned_data["version"]
        self.operate(case, by)
        return case.reference

    def _forget_drafts(self, case: Case, by: Actor) -> None:
        Draft.objects.filter(user=by.user, case=case, form__in=self.fulfils).delete()

    @property
    def fulfils(self) -> set[str]:
        """The forms whose drafts are done with once this one was carried out: another may have handed its text on."""
        return {self.slug, self.data.get("form", "")}

    def require_unchanged(self, case: Case, planned: list[Event]) -> None:
        """Lock the case and refuse what others changed since; then several operations may follow."""
        seen = case.version
        case.refresh_from_db(from_queryset=Case.objects.select_for_update())
        if case.version != seen:
            require_fresh(case, seen, planned)

    def refuse(self, error: CaseManagementError) -> None:
        """A conflict is told in our words: the page shows what happened to the same fields meanwhile."""
        if isinstance(error, TransitionNotAllowed):
            self.outrun_in = {"status"}
        if isinstance(error, StaleCase):
            self.outrun_in = {name for conflict in error.details["conflicts"] for name in conflict["fields"]}
            error = StaleCase(_("Somebody else changed the same thing after you opened the case."))
        super().refuse(error)

    @property
    def draft_json(self) -> str:
        """The draft for the browser, which also fills in what the server leaves to it."""
        return json.dumps(self._drafted) if self._drafted else ""

    @property
    def is_stale(self) -> bool:
        """Whether others were faster."""
        return bool(self.outrun_in)

    @property
    def seen_version(self) -> int:
        """The version that the person saw when they filled the form in."""
        return int(self.cleaned_data.get("version", self.case.version))

    def rebase(self, case: Case) -> None:
        """A conflict was shown: what is sent next counts as written in the knowledge of ``case`` as it is."""
        self.case, self.data = case, self.data.copy()
        self.data["version"] = str(case.version)
