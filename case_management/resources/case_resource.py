"""Cases as a table: which columns go out and come in, and by which names other things are known in them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.resources import ModelResource

from case_management.access import visible_to
from case_management.exceptions import RightMissing
from case_management.models import (
    Case,
    CaseType,
    CloseChannel,
    ClosureReason,
    Priority,
    ResolutionMethod,
    Source,
    Team,
)
from case_management.resources import beside
from case_management.resources.columns import (
    Beside,
    Moment,
    Named,
    Number,
    Person,
    Plain,
    StatusWord,
    TagList,
    TopicPath,
    YesNo,
)
from case_management.resources.custom_columns import custom_columns
from case_management.resources.dataset_import import DatasetImport
from case_management.resources.exporting import StreamedExport

COLUMNS = (
    "reference", "external_id", "source", "status", "waiting_for", "title", "description", "topic", "case_type",
    "priority", "unit_number", "unit", "team", "assignee", "contact_external_id", "contact_name", "contact_email",
    "tags", "opened_at", "started_at", "due_at", "resolved_at", "closed_at", "breached_at", "closure_reason",
    "closure_note", "resolution_method", "close_channel", "escalation_level", "flagged", "reopen_count",
    "first_comment", "first_score",
)  # fmt: skip


def _plain(attribute: str, *, readonly: bool = False) -> Field:
    return Field(attribute, widget=Plain(), readonly=readonly)


class CaseResource(StreamedExport, DatasetImport, ModelResource):
    """The columns of cases. A host adds its own and registers the class in place of ours:

    >>> class OurCases(CaseResource):
    ...     zone = Field("unit__timezone", "zone", readonly=True)
    ...     class Meta:
    ...         fields = export_order = (*CaseResource.Meta.fields, "zone")
    """

    reference = _plain("reference")
    external_id = _plain("external_id")
    source = Field("source", widget=Named(Source))
    status = Field("status", widget=StatusWord())
    waiting_for = _plain("waiting_for")
    title = _plain("title")
    description = _plain("description")
    topic = Field("topic", widget=TopicPath())
    case_type = Field("case_type", widget=Named(CaseType))
    priority = Field("priority", widget=Named(Priority))
    unit_number = _plain("unit__number")
    unit = _plain("unit__name")
    team = Field("team", widget=Named(Team))
    assignee = Field(f"assignee__{get_user_model().USERNAME_FIELD}", widget=Person())
    contact_external_id = _plain("contact__external_id")
    contact_name = _plain("contact__name")
    contact_email = Beside(beside.email_of, readonly=False)
    tags = Beside(beside.tags_of, widget=TagList(), readonly=False)
    opened_at = Field("opened_at", widget=Moment())
    started_at = Field("started_at", widget=Moment())
    due_at = Field("due_at", widget=Moment())
    resolved_at = Field("resolved_at", widget=Moment())
    closed_at = Field("closed_at", widget=Moment())
    breached_at = Field("breached_at", widget=Moment(), readonly=True)
    closure_reason = Field("closure_reason", widget=Named(ClosureReason))
    closure_note = Beside(beside.closing_note_of, readonly=False)
    resolution_method = Field("resolution_method", widget=Named(ResolutionMethod))
    close_channel = Field("close_channel", widget=Named(CloseChannel))
    escalation_level = Field("escalation_level", widget=Number())
    flagged = Field("flagged", widget=YesNo())
    reopen_count = _plain("reopen_count", readonly=True)
    first_comment = Beside(beside.first_interaction_of)
    first_score = Beside(beside.first_interaction_of, 1)

    class Meta:
        """Options of import-export that hosts may override."""

        model = Case
        fields = export_order = COLUMNS
        import_id_fields = ("source", "external_id")

    def __init__(self, user: Any = None, **kwargs: Any) -> None:
        """``user`` is the person in whose name rows go out or come in."""
        super().__init__(**kwargs)
        self.user = user
        self.fields |= custom_columns()

    def get_queryset(self) -> Any:
        """The cases that the person may export, in the order of their opening here."""
        if self.user is None:
            raise RightMissing(
                _("Say in whose name the cases are read: CaseResource(user=…)."), permission="export_case"
            )
        return visible_to(self.user, "export_case").order_by("pk")
