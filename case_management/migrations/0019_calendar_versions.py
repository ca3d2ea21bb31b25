"""Calendars as they were when clocks ran on them; a case names the version that its promise runs on."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("case_management", "0018_working_together"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("hours", models.JSONField(default=dict, verbose_name="hours")),
                ("digest", models.CharField(max_length=64, verbose_name="digest of the hours")),
                ("kept_at", models.DateTimeField(auto_now_add=True, verbose_name="kept since")),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="case_management.businesscalendar",
                        verbose_name="business calendar",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a calendar",
                "verbose_name_plural": "versions of calendars",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="case",
            name="sla_calendar",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="case_management.calendarversion",
                verbose_name="version of the calendar",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarversion",
            constraint=models.UniqueConstraint(fields=("calendar", "digest"), name="cm_calendar_version_once"),
        ),
        migrations.AddConstraint(
            model_name="calendarversion",
            constraint=models.UniqueConstraint(fields=("calendar", "number"), name="cm_calendar_version_number"),
        ),
    ]
