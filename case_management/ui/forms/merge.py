"""The forms that merge a case into another one, after a look at what moves, and take that back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access import visible_to
from case_management.domain.actor import Actor
from case_management.exceptions import CaseManagementError, RightMissing, StaleCase
from case_management.models import Case, CaseNote
from case_management.operations import merge_case, merge_cases, unmerge_case
from case_management.ui.forms.base import OperationForm
from case_management.ui.forms.case_choice import CaseField
from case_management.ui.forms.desk import Desk


@dataclass(frozen=True)
class Preview:
    """What the merge will do, in numbers; moments are None where the target's own stay."""

    into: Case
    interactions: int
    messages: int
    notes: int
    due_at: datetime | None
    awaiting_since: datetime | None
    breached_at: datetime | None


class MergeForm(OperationForm):
    """Into which case; the first sending shows what happens, the second does it."""

    slug, verbs = "merge", ("merge",)
    title = gettext_lazy("Merge")
    done = gettext_lazy("Merged: the matter goes on in the other case.")
    panel_template = "case_management/forms/_merge.html"
    rare = True

    into = CaseField(
        label=gettext_lazy("Reference of the case in which it goes on"),
        help_text=gettext_lazy("This case is closed. You can take it back later."),
    )
    confirmed = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)

    def arrange(self) -> None:
        """Suggest the customer's other open cases."""
        self.preview: Preview | None = None
        field = self.fields["into"]
        assert isinstance(field, CaseField)  # noqa: S101 - tells the type checker
        field.offer(self.desk.visible, [other for other in self.desk.beside if other.is_open], is_open=True)

    @property
    def submit(self) -> str:  # type: ignore[override]  # what it says depends on what was shown
        """The second time it is meant."""
        return _("Merge now") if self.preview else _("Show what will happen")

    def perform(self, case: Case, by: Actor) -> bool:
        """Show first what was not confirmed for this very case."""
        if not self.is_valid() or self.cleaned_data["confirmed"] == self.cleaned_data["into"].reference:
            return super().perform(case, by)
        into = self.cleaned_data["into"]
        try:
            refused = merge_cases([case.pk], into=into, by=by, check_only=True).refused
            if refused:
                raise refused[0].error
        except RightMissing:
            raise
        except CaseManagementError as error:
            self.refuse(error)
            return False
        self._show(preview_of(case, into))
        return False

    def _show(self, preview: Preview) -> None:
        self.preview, self.http_status = preview, 200
        self.data = self.data.copy()
        self.data["confirmed"] = preview.into.reference

    def operate(self, case: Case, by: Actor) -> None:
        """Merge."""
        merge_case(case, into=self.cleaned_data["into"], by=by)


class UnmergeForm(OperationForm):
    """One button; where others have meanwhile changed the same, a tick says that their changes stay."""

    slug, verbs = "unmerge", ("unmerge",)
    title, submit = gettext_lazy("Take the merge back"), gettext_lazy("Take the merge back")
    done = gettext_lazy("The merge is taken back: this case goes its own way again.")
    rare = True

    keep_later = forms.BooleanField(
        required=False, label=gettext_lazy("Take it back all the same; what was changed afterwards stays")
    )

    @classmethod
    def suits(cls, desk: Desk) -> bool:
        """It was merged, and the person may merge in the other case too."""
        into = desk.case.merged_into_id if desk.case else None
        return into is not None and visible_to(desk.user, "merge_case").filter(pk=into).exists()

    def arrange(self) -> None:
        """The question is asked only where there is something to ask."""
        self.fields["keep_later"].widget = forms.HiddenInput()

    def refuse(self, error: CaseManagementError) -> None:
        """Name what was changed, and ask."""
        if isinstance(error, StaleCase):
            self.http_status = error.http_status
            self.fields["keep_later"].widget = forms.CheckboxInput()
            self.add_error(None, error.message)
            return
        super().refuse(error)

    def operate(self, case: Case, by: Actor) -> None:
        """Unmerge."""
        unmerge_case(case, by=by, keep_later=self.cleaned_data["keep_later"])


def preview_of(case: Case, into: Case) -> Preview:
    """What a merge of ``case`` into the other will do."""

    def earlier(name: str) -> Any:
        mine, theirs = getattr(case, name), getattr(into, name)
        return mine if mine is not None and (theirs is None or mine < theirs) else None

    return Preview(
        into=into,
        interactions=case.interactions.count(),
        messages=case.messages.count(),
        notes=CaseNote.objects.filter(case=case).count(),
        due_at=earlier("due_at"),
        awaiting_since=earlier("awaiting_since"),
        breached_at=earlier("breached_at"),
    )
