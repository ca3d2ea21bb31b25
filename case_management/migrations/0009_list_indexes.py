"""Indexes that answer the tiles and the rail of the list by themselves: of what is open, and of what was resolved."""

import django.db.models
from django.db import migrations, models

OPEN = django.db.models.Q(("status__in", ["new", "in_progress", "waiting"]))
DONE = django.db.models.Q(("status__in", ["resolved", "closed"]))


class Migration(migrations.Migration):
    dependencies = [
        ("case_management", "0008_merge_right"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="case", name="cm_case_open_facts"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=OPEN,
                fields=[
                    "source",
                    "assignee",
                    "unit",
                    "team",
                    "due_at",
                    "flagged",
                    "escalation_level",
                    "awaiting_since",
                    "snoozed_until",
                    "id",
                ],
                name="cm_case_open_facts",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=DONE,
                fields=["resolved_at", "opened_at", "unit", "assignee", "team", "id"],
                name="cm_case_done_facts",
            ),
        ),
    ]
