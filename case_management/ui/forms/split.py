"""The form that moves a part of a case to a new one."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django import forms
from django.db.models import CharField, F, QuerySet, Value
from django.utils import formats, timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.models import Case, CaseNote, Interaction, Message
from case_management.models.due import DueState
from case_management.operations import Part, split_case
from case_management.ui.forms.base import OperationForm

#: Of what is in a case the latest so many are offered.
MOST = 60
LABELS = {"interactions": _("Customer"), "messages": _("Message"), "notes": _("Note")}


class SplitForm(OperationForm):
    """What moves, and what the new case is called."""

    slug, verbs = "split", ("split",)
    title, submit = _("Split"), _("Open a case for this part")
    #: What is in a long case is read only when somebody wants to split it.
    is_deferred = True
    rare = True

    new_title = forms.CharField(
        label=_("Title of the new case"), max_length=250, widget=forms.TextInput({"dir": "auto"})
    )
    part = forms.MultipleChoiceField(
        label=_("What moves"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The clock of the new case starts when the customer said it; this case keeps its own."),
    )

    def arrange(self) -> None:
        """Offer what is in the case, the latest first."""
        self._opened: Case | None = None
        field: Any = self.fields["part"]
        field.choices = parts_of(self.case)

    def gates(self) -> dict[str, str]:
        """The operation speaks of a title."""
        return {"title": "new_title"}

    @property
    def done(self) -> str:  # type: ignore[override]  # it names the case that was opened
        """Where the part is now."""
        return str(_("Split: the part goes on in %s.")) % (self._opened.reference if self._opened else "–")

    def operate(self, case: Case, by: Actor) -> None:
        """Split."""
        chosen: dict[str, list[int]] = defaultdict(list)
        for value in self.cleaned_data["part"]:
            kind, _colon, pk = value.partition(":")
            chosen[kind].append(int(pk))
        self._opened = split_case(case, Part.of(case, **chosen), title=self.cleaned_data["new_title"], by=by)


def parts_of(case: Case) -> list[tuple[str, str]]:
    """Pairs of a key and a line for everything that could move; one query."""
    messages = Message.objects.filter(case=case).exclude(delivery__state=DueState.PENDING)
    first, *others = (
        _named("interactions", Interaction.objects.filter(case=case), "occurred_at", "comment"),
        _named("messages", messages, "sent_at", "text"),
        _named("notes", CaseNote.objects.filter(case=case), "event__occurred_at", "text"),
    )
    rows = first.union(*others, all=True).order_by("-cm_at", "cm_kind", "-pk")[:MOST]
    return [(f"{row['cm_kind']}:{row['pk']}", _line(row)) for row in rows]


def _named(kind: str, rows: QuerySet[Any, Any], at: str, text: str) -> QuerySet[Any, Any]:
    named: QuerySet[Any, Any] = rows.order_by().annotate(cm_kind=Value(kind, CharField()), cm_at=F(at), cm_text=F(text))
    return named.values("cm_kind", "pk", "cm_at", "cm_text")


def _line(row: dict[str, Any]) -> str:
    when = formats.date_format(timezone.localtime(row["cm_at"]), "SHORT_DATETIME_FORMAT")
    return f"{LABELS[row['cm_kind']]}, {when}: {Truncator(' '.join(row['cm_text'].split())).chars(90) or '–'}"
