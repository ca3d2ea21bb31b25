"""Open a case from an interaction, or add the interaction to the contact's open case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.actor import Actor
from case_management.models import Case, CaseType, Interaction, Priority, Settings, Team, Topic, Unit
from case_management.operations import CaseDraft, attach_interaction, open_cases
from case_management.rules.actions.base import Action, Firing, KeyField, actions


@actions.registered("open_case")
class OpenCase(Action):
    """One case per interaction; with ``group`` an open case of the same contact takes it in."""

    label = gettext_lazy("Open a case")

    class Parameters(forms.Form):
        """Topic is required; unit defaults to the interaction's, priority to the default one."""

        topic = KeyField(Topic.objects.active().order_by("path"), required=True, label=gettext_lazy("Topic"))
        priority = KeyField(Priority.objects.active(), label=gettext_lazy("Priority"))
        case_type = KeyField(CaseType.objects.active(), label=gettext_lazy("Case type"))
        unit = KeyField(Unit.objects.active().order_by("path"), key="number", label=gettext_lazy("Unit"))
        team = KeyField(Team.objects.active(), label=gettext_lazy("Team"))
        group = forms.BooleanField(required=False, label=gettext_lazy("Add it to an open case of the same contact"))

    @staticmethod
    def act(firings: Sequence[Firing], parameters: Mapping[str, Any], *, by: Actor) -> None:
        """Open in one batch."""
        waiting = [firing for firing in firings if firing.interaction is not None and firing.case is None]
        if parameters["group"]:
            waiting = [firing for firing in waiting if not _joined(firing, by)]
        drafts = [draft_of(firing.interaction, parameters) for firing in waiting if firing.interaction]
        for firing, case in zip(waiting, open_cases(drafts, by=by), strict=True):
            firing.case = firing.row.case = case
            firing.note({"action": "open_case", "case": case.reference})


def _joined(firing: Firing, by: Actor) -> bool:
    interaction = firing.interaction
    case = case_to_join(interaction) if interaction else None
    if interaction is None or case is None:
        return False
    firing.case = firing.row.case = attach_interaction(case, interaction=interaction, by=by)
    firing.note({"action": "attach", "case": case.reference})
    return True


def case_to_join(interaction: Interaction) -> Case | None:
    """The contact's open case that something happened to lately."""
    if interaction.contact_id is None:
        return None
    since = interaction.occurred_at - timedelta(days=Settings.load().group_days)
    recent = Case.objects.open().filter(contact_id=interaction.contact_id, updated_at__gte=since)
    case: Case | None = recent.order_by("-opened_at").first()
    return case


def draft_of(interaction: Interaction, parameters: Mapping[str, Any]) -> CaseDraft:
    return CaseDraft(
        title=_title(interaction),
        description=interaction.comment,
        topic=parameters["topic"],
        priority=parameters["priority"],
        case_type=parameters["case_type"],
        unit=parameters["unit"] or interaction.unit,
        team=parameters["team"],
        source=interaction.source,
        contact=interaction.contact,
        interaction=interaction,
    )


def _title(interaction: Interaction) -> str:
    """The interaction's own title, or the start of what the customer said."""
    words = " ".join(interaction.comment.split())
    if interaction.title:
        return interaction.title
    return words if len(words) <= 80 else words[:79].rstrip() + "…" if words else _("Follow-up without a comment")
