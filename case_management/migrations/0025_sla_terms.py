"""Policies ask for more than a priority, have a ladder, and are kept as the clocks that run under them found them."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("case_management", "0024_calendars_follow_units"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="slapolicy",
            name="case_types",
            field=models.ManyToManyField(
                blank=True,
                help_text="None: every type.",
                related_name="asking_policies",
                to="case_management.casetype",
                verbose_name="case types",
            ),
        ),
        migrations.AddField(
            model_name="slapolicy",
            name="priorities",
            field=models.ManyToManyField(
                blank=True,
                help_text="None: every priority.",
                related_name="asking_policies",
                to="case_management.priority",
                verbose_name="priorities",
            ),
        ),
        migrations.AddField(
            model_name="slapolicy",
            name="reopening",
            field=models.CharField(
                choices=[("restart", "Starts anew"), ("continue", "Goes on with what was left")],
                default="restart",
                max_length=8,
                verbose_name="when a case is reopened, its clock",
            ),
        ),
        migrations.AddField(
            model_name="slapolicy",
            name="sources",
            field=models.ManyToManyField(
                blank=True,
                help_text="None: every source.",
                related_name="asking_policies",
                to="case_management.source",
                verbose_name="sources",
            ),
        ),
        migrations.AddField(
            model_name="slapolicy",
            name="topics",
            field=models.ManyToManyField(
                blank=True,
                help_text="With all that lies below them. None: every topic.",
                related_name="asking_policies",
                to="case_management.topic",
                verbose_name="topics",
            ),
        ),
        migrations.AddField(
            model_name="slapolicy",
            name="units",
            field=models.ManyToManyField(
                blank=True,
                help_text="With all units below them. None: every unit.",
                related_name="asking_policies",
                to="case_management.unit",
                verbose_name="units",
            ),
        ),
        migrations.AddField(
            model_name="slapolicy",
            name="warnings",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Per cent of a promise that are used up, such as 50, 75, 90. Empty: no warnings.",
                max_length=40,
                verbose_name="warn at",
            ),
        ),
        migrations.CreateModel(
            name="SlaTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("terms", models.JSONField(default=dict, verbose_name="terms")),
                ("digest", models.CharField(max_length=64, verbose_name="digest of the terms")),
                ("kept_at", models.DateTimeField(auto_now_add=True, verbose_name="kept since")),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="case_management.slapolicy",
                        verbose_name="SLA policy",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of an SLA policy",
                "verbose_name_plural": "versions of SLA policies",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="case",
            name="sla_terms",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="case_management.slaterms",
                verbose_name="version of the SLA policy",
            ),
        ),
        migrations.CreateModel(
            name="SlaRung",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)], verbose_name="level"
                    ),
                ),
                (
                    "minutes",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="0: as soon as it is missed.",
                        verbose_name="minutes of business time after the deadline",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rungs",
                        to="case_management.slapolicy",
                        verbose_name="SLA policy",
                    ),
                ),
                (
                    "priority",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="case_management.priority",
                        verbose_name="raise to priority",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="case_management.team",
                        verbose_name="re-route to team",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assign to",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of an escalation ladder",
                "verbose_name_plural": "steps of escalation ladders",
                "ordering": ["policy", "minutes", "level"],
                "constraints": [
                    models.UniqueConstraint(fields=("policy", "level"), name="cm_sla_rung_once"),
                    models.CheckConstraint(condition=models.Q(("level__gt", 0)), name="cm_sla_rung_level"),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="slaterms",
            constraint=models.UniqueConstraint(fields=("policy", "digest"), name="cm_sla_terms_once"),
        ),
        migrations.AddConstraint(
            model_name="slaterms",
            constraint=models.UniqueConstraint(fields=("policy", "number"), name="cm_sla_terms_number"),
        ),
    ]
