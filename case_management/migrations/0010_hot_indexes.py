"""Indexes for what lists and reports ask of a million cases; the reports' ones carry what is summed up (PostgreSQL)."""

from django.db import migrations, models
from django.db.models import Q

_OPEN = Q(status__in=["new", "in_progress", "waiting"])
_DONE = Q(status__in=["resolved", "closed"])
#: Reports read this alone, never the rows; keys of an index may not be so many on other databases.
COVERING = {"cm_case_report_opened": "(opened_at) INCLUDE (source_id, unit_id, assignee_id, team_id, id)"}


def add_covering(apps, schema_editor):
    """Only PostgreSQL has them."""
    if schema_editor.connection.vendor == "postgresql":
        for name, columns in COVERING.items():
            schema_editor.execute(f"CREATE INDEX {name} ON case_management_case {columns}")


def remove_covering(apps, schema_editor):
    """Take them away."""
    if schema_editor.connection.vendor == "postgresql":
        for name in COVERING:
            schema_editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("case_management", "0009_list_indexes")]

    operations = [
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["status", "priority_rank", "urgent_at", "id"], name="cm_case_live_priority", condition=_OPEN
            ),
        ),
        migrations.AddIndex("case", models.Index(fields=["due_at", "id"], name="cm_case_due")),
        migrations.AddIndex(
            "case", models.Index(fields=["status", "id"], name="cm_case_flagged", condition=Q(flagged=True))
        ),
        migrations.AddIndex(
            "case",
            models.Index(fields=["status", "id"], name="cm_case_escalated", condition=Q(escalation_level__gt=0)),
        ),
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["awaiting_since", "id"], name="cm_case_awaiting", condition=Q(awaiting_since__isnull=False)
            ),
        ),
        migrations.RemoveIndex("case", "cm_case_done_facts"),
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["resolved_at", "opened_at", "unit", "source", "assignee", "team", "id"],
                name="cm_case_done_facts",
                condition=_DONE,
            ),
        ),
        migrations.RunPython(add_covering, remove_covering),
    ]
