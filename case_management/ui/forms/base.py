"""The base of forms that carry out one operation on one case; what the person saw travels with their wish."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
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
from case_management.models import Case
from case_management.timeline.conflicts import require_fresh
from case_management.ui.forms.desk import Desk
from case_management.ui.forms.once import fingerprint, once
from case_management.ui.forms.refusal import RefusableForm


class OperationForm(RefusableForm):
    """Validates, then :meth:`perform` calls the operation and turns its refusal into errors of the form.

    ``verbs`` are rows of the transition table; the form is offered where one of them is possible and allowed.
    """

    slug: ClassVar[str] = ""
    verbs: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str | Promise] = ""
    submit: ClassVar[str | Promise] = ""
    done: ClassVar[str | Promise] = ""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, desk: Desk) -> None:
        assert desk.case is not None  # noqa: S101 - tells the type checker; views hand over a desk with a case
        self.desk, self.case = desk, desk.case
        #: What to say when nothing was left to do, and the case's fields in which others were faster.
        self.notice, self.outrun_in = "", set[str]()
        initial = {"version": self.case.version, **self.start_values()}
        super().__init__(data, auto_id=f"cm-{self.slug}-%s", initial=initial, label_suffix="")
        self.arrange()

    @classmethod
    def permission(cls) -> str:
        """The right that the form's verbs need."""
        return transitions.TABLE[cls.verbs[0]].permission

    @classmethod
    def fits(cls, case: Case) -> bool:
        """Whether the form has something to do for the case as it is."""
        return True

    def start_values(self) -> dict[str, Any]:
        """What the fields show before anybody typed."""
        return {}

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
            once(by.user, fingerprint(self.data, self.slug, case.reference), lambda: self._run(case, by))
        except RightMissing:
            raise
        except NothingToChange as error:
            self.notice = error.message
        except CaseManagementError as error:
            self.refuse(error)
        return not self.errors

    def _run(self, case: Case, by: Actor) -> str:
        case.version = self.cleaned_data["version"]
        self.operate(case, by)
        return case.reference

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
