# Rules on time: what they wait for, for whom a rule is, and a clock for each.

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('case_management', '0020_assignment_chains'),
    ]

    operations = [
        migrations.AddField(
            model_name='rule',
            name='scope',
            field=models.JSONField(blank=True, default=dict, help_text='E.g. {"units": ["12"], "teams": ["care"], "users": ["ann"]}. Empty: for all.', verbose_name='only for'),
        ),
        migrations.AddField(
            model_name='rule',
            name='timing',
            field=models.JSONField(blank=True, default=dict, help_text='E.g. {"since": "awaiting_since", "after": "2 business days"} or {"every": "day", "at": "08:00"}.', verbose_name='timing'),
        ),
        migrations.AlterField(
            model_name='rule',
            name='cadence',
            field=models.CharField(choices=[('once_per_response', 'Once per response or case'), ('once_per_contact', 'Once per contact in a number of days'), ('once_per_case', 'Once per case in a number of days'), ('every_time', 'Every time')], default='once_per_response', max_length=18, verbose_name='cadence'),
        ),
        migrations.AlterField(
            model_name='rule',
            name='cadence_days',
            field=models.PositiveSmallIntegerField(default=28, validators=[django.core.validators.MinValueValidator(1)], verbose_name='days between two firings for one contact or case'),
        ),
        migrations.AlterField(
            model_name='rule',
            name='occasion',
            field=models.CharField(choices=[('interaction_received', 'An interaction is received'), ('case_opened', 'A case is opened'), ('case_changed', 'A case changes'), ('deadline_missed', 'A deadline is missed'), ('time_passed', 'Time has passed'), ('schedule', 'At set times')], max_length=24, verbose_name='occasion'),
        ),
        migrations.CreateModel(
            name='RuleClock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField(verbose_name='switched on')),
                ('asked_until', models.DateTimeField(verbose_name='asked until')),
                ('next_at', models.DateTimeField(verbose_name='asked again')),
                ('rule', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='clock', to='case_management.rule', verbose_name='rule')),
            ],
            options={
                'verbose_name': 'clock of a rule',
                'verbose_name_plural': 'clocks of rules',
                'default_permissions': (),
                'indexes': [models.Index(fields=['next_at', 'id'], name='cm_rule_clock_next')],
            },
        ),
    ]
