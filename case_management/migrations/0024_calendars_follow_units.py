"""Calendars may hold in the time zone of each case's unit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("case_management", "0023_rule_askings"),
    ]

    operations = [
        migrations.AddField(
            model_name="businesscalendar",
            name="follows_unit",
            field=models.BooleanField(
                default=False,
                help_text="The same hours on each unit's own clock; where a unit has no time zone, the one above holds.",
                verbose_name="in the time zone of the case's unit",
            ),
        ),
    ]
