"""Chains of strategies, how people work and when they are absent, cases that wait, and why each went to whom."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("case_management", "0019_calendar_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AssignmentChain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True, verbose_name="name")),
                (
                    "key",
                    models.SlugField(
                        blank=True,
                        help_text="Used by imports, rules and the API. Made from the name when left empty; do not change it later.",
                        max_length=60,
                        unique=True,
                        verbose_name="key",
                    ),
                ),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "position",
                    models.PositiveIntegerField(
                        default=0, help_text="Lists are sorted by this number.", verbose_name="position"
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True, help_text="Switch off instead of deleting.", verbose_name="active"
                    ),
                ),
                ("strategies", models.JSONField(default=list, verbose_name="strategies")),
                (
                    "smart_days",
                    models.PositiveIntegerField(
                        default=90,
                        help_text="For “Smart”: who handled the contact within so many days. 0: at any time.",
                        verbose_name="days that count as before",
                    ),
                ),
                (
                    "weighs_priority",
                    models.BooleanField(
                        default=False,
                        help_text="For “Workload”: a case of rank 1 weighs 4, of rank 2 weighs 3, of rank 3 weighs 2, others 1.",
                        verbose_name="pressing cases weigh more",
                    ),
                ),
                (
                    "needs_skills",
                    models.BooleanField(
                        default=False,
                        help_text="Otherwise the strategy “Skills” prefers them, and others are taken where nobody has them.",
                        verbose_name="only people with the skills",
                    ),
                ),
                (
                    "waits",
                    models.BooleanField(
                        default=True,
                        help_text="A case that nobody can take now is given to the first who can. Otherwise it stays unassigned.",
                        verbose_name="cases wait for somebody",
                    ),
                ),
                (
                    "user_field",
                    models.ForeignKey(
                        blank=True,
                        help_text="For “The user named in a field”.",
                        limit_choices_to=models.Q(("kind", "user")),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chains",
                        to="case_management.customfield",
                        verbose_name="field that names the assignee",
                    ),
                ),
            ],
            options={
                "verbose_name": "assignment chain",
                "verbose_name_plural": "assignment chains",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Skill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True, verbose_name="name")),
                (
                    "key",
                    models.SlugField(
                        blank=True,
                        help_text="Used by imports, rules and the API. Made from the name when left empty; do not change it later.",
                        max_length=60,
                        unique=True,
                        verbose_name="key",
                    ),
                ),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "position",
                    models.PositiveIntegerField(
                        default=0, help_text="Lists are sorted by this number.", verbose_name="position"
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True, help_text="Switch off instead of deleting.", verbose_name="active"
                    ),
                ),
                (
                    "case_types",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Cases of these types need the skill.",
                        related_name="skills",
                        to="case_management.casetype",
                        verbose_name="case types",
                    ),
                ),
                (
                    "topics",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Cases of these topics, and of those below, need the skill.",
                        related_name="skills",
                        to="case_management.topic",
                        verbose_name="topics",
                    ),
                ),
            ],
            options={
                "verbose_name": "skill",
                "verbose_name_plural": "skills",
                "ordering": ["position", "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AgentProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "capacity",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="So many open cases at most are given by rules. Empty: any number.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="capacity",
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        blank=True,
                        help_text="Outside these hours rules give no cases. Empty: always.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agents",
                        to="case_management.businesscalendar",
                        verbose_name="working hours",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="case_profile",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "skills",
                    models.ManyToManyField(
                        blank=True, related_name="agents", to="case_management.skill", verbose_name="skills"
                    ),
                ),
            ],
            options={
                "verbose_name": "agent profile",
                "verbose_name_plural": "agent profiles",
                "ordering": ["user"],
            },
        ),
        migrations.CreateModel(
            name="WaitingCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(verbose_name="since")),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waiting_for_assignee",
                        to="case_management.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "chain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waiting_cases",
                        to="case_management.assignmentchain",
                        verbose_name="assignment chain",
                    ),
                ),
            ],
            options={
                "verbose_name": "case that waits for an assignee",
                "verbose_name_plural": "cases that wait for an assignee",
                "ordering": ["since", "pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_day", models.DateField(verbose_name="first day")),
                ("last_day", models.DateField(verbose_name="last day")),
                (
                    "substitute",
                    models.ForeignKey(
                        blank=True,
                        help_text="Gets the cases that would come to the absent person by name.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="substitute",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="case_absences",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "absence",
                "verbose_name_plural": "absences",
                "ordering": ["-first_day"],
                "indexes": [models.Index(fields=["last_day", "first_day"], name="cm_absence_days")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_day__gte", models.F("first_day"))),
                        name="cm_absence_days_in_order",
                        violation_error_message="The last day is not before the first one.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("substitute", None),
                            models.Q(("substitute", models.F("user")), _negated=True),
                            _connector="OR",
                        ),
                        name="cm_absence_substitute_is_another",
                        violation_error_message="Somebody else is the substitute.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AssignmentDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.PositiveIntegerField(verbose_name="entry number")),
                ("chain", models.CharField(blank=True, max_length=60, verbose_name="assignment chain")),
                ("trace", models.JSONField(default=dict, verbose_name="trace")),
                ("decided_at", models.DateTimeField(verbose_name="decided")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignment_decisions",
                        to="case_management.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assignee",
                    ),
                ),
            ],
            options={
                "verbose_name": "assignment decision",
                "verbose_name_plural": "assignment decisions",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["chain", "user", "id"], name="cm_decision_turn"),
                    models.Index(fields=["decided_at"], name="cm_decision_age"),
                ],
                "constraints": [models.UniqueConstraint(fields=("case", "seq"), name="cm_decision_once")],
            },
        ),
    ]
