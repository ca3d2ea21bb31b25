"""What a case looks like in JSON: keys and numbers that other programs know, no internal ids."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from case_management.api.custom import VALUES, Told
from case_management.models import Case, Contact, Unit


def _key(field: str) -> serializers.CharField:
    """The key of an entry of a list, null where the case has none."""
    return serializers.CharField(source=f"{field}.key", read_only=True, allow_null=True)


class UnitSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    """The unit that a case belongs to."""

    class Meta:
        model = Unit
        fields = ["number", "name"]


class CaseContactSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    """The customer, without addresses."""

    class Meta:
        model = Contact
        fields = ["external_id", "name", "country", "language"]


class CaseSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    """A case in a list."""

    source = serializers.CharField(source="source.key", read_only=True)  # type: ignore[assignment]
    topic = _key("topic")
    case_type = _key("case_type")
    priority = _key("priority")
    team = _key("team")
    closure_reason = _key("closure_reason")
    resolution_method = _key("resolution_method")
    close_channel = _key("close_channel")
    reopen_reason = _key("reopen_reason")
    tags = serializers.SerializerMethodField()
    waiting_for = serializers.CharField(
        read_only=True, help_text=gettext_lazy("customer, third_party, or empty while nobody is waited for")
    )
    assignee = serializers.CharField(source="assignee.get_username", allow_null=True, read_only=True)
    unit = UnitSerializer(read_only=True, allow_null=True)
    contact = CaseContactSerializer(read_only=True, allow_null=True)
    overdue = serializers.SerializerMethodField()
    custom = serializers.SerializerMethodField()

    class Meta:
        model = Case
        fields = [
            "reference", "status", "waiting_for", "title", "source", "external_id", "topic", "case_type", "priority",
            "unit", "team", "assignee", "contact", "tags", "flagged", "escalation_level", "opened_at", "started_at",
            "due_at", "overdue", "breached_at", "resolved_at", "closed_at", "reopen_count", "closure_reason",
            "resolution_method", "close_channel", "reopen_reason", "custom", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_tags(self, case: Any) -> list[str]:
        """Keys of the tags."""
        return sorted(tag.key for tag in case.tags.all())

    @extend_schema_field(VALUES)
    def get_custom(self, case: Case) -> dict[str, Any]:
        """Values of custom fields by key."""
        context: Any = self.context
        told: Told = context.setdefault("custom", Told())
        return told.of(case)

    def get_overdue(self, case: Case) -> bool:
        """Open, and the deadline has passed."""
        return bool(case.is_open and case.due_at and case.due_at < timezone.now())


class CaseDetailSerializer(CaseSerializer):
    """One case."""

    events = serializers.SerializerMethodField()

    class Meta(CaseSerializer.Meta):
        fields = [*CaseSerializer.Meta.fields, "description", "events"]
        read_only_fields = fields

    def get_events(self, case: Any) -> int:
        """How many events its timeline has."""
        return int(case.events.count())
