"""Clocks as rows, where something is to happen at set moments of theirs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("case_management", "0025_sla_terms"),
    ]

    operations = [
        migrations.CreateModel(
            name="SlaClock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "metric",
                    models.CharField(
                        choices=[
                            ("resolve", "Time to resolve"),
                            ("first_response", "First response"),
                            ("next_reply", "Next reply"),
                        ],
                        max_length=16,
                        verbose_name="metric",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("target", models.PositiveIntegerField(verbose_name="promised seconds")),
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("due_at", models.DateTimeField(null=True, verbose_name="due")),
                ("remaining", models.PositiveIntegerField(null=True, verbose_name="left while it stands, seconds")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("next_at", models.DateTimeField(null=True, verbose_name="next mark")),
                (
                    "calendar",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="case_management.calendarversion",
                        verbose_name="version of the calendar",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clocks",
                        to="case_management.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="case_management.slaterms",
                        verbose_name="terms",
                    ),
                ),
            ],
            options={
                "verbose_name": "SLA clock",
                "verbose_name_plural": "SLA clocks",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SlaMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("warning", "Warning"), ("miss", "Missed"), ("level", "Step of the ladder")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("value", models.PositiveSmallIntegerField(default=0, verbose_name="per cent, or level")),
                ("at", models.DateTimeField(verbose_name="recorded")),
                (
                    "clock",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="marks",
                        to="case_management.slaclock",
                        verbose_name="SLA clock",
                    ),
                ),
            ],
            options={
                "verbose_name": "mark of an SLA clock",
                "verbose_name_plural": "marks of SLA clocks",
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("clock", "kind", "value"), name="cm_sla_mark_once")],
            },
        ),
        migrations.AddIndex(
            model_name="slaclock",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False)), fields=["next_at", "id"], name="cm_sla_clock_next"
            ),
        ),
        migrations.AddConstraint(
            model_name="slaclock",
            constraint=models.UniqueConstraint(fields=("case", "metric", "number"), name="cm_sla_clock_once"),
        ),
    ]
