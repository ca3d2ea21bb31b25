"""Who has a case open, what was typed and not sent, and where one goes on after resolving."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("case_management", "0017_links_and_watchers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="preferences",
            name="after_resolve",
            field=models.CharField(
                choices=[("next", "Open the next case"), ("stay", "Stay on the case"), ("list", "Go back to the list")],
                default="next",
                max_length=5,
                verbose_name="after resolving a case",
            ),
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("form", models.CharField(max_length=40, verbose_name="form")),
                (
                    "content",
                    models.JSONField(
                        default=dict, help_text="Field → values, as a browser sends them.", verbose_name="content"
                    ),
                ),
                ("saved_at", models.DateTimeField(verbose_name="saved")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="case_management.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="case_drafts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "draft",
                "verbose_name_plural": "drafts",
                "default_permissions": (),
                "indexes": [models.Index(fields=["saved_at"], name="cm_draft_age")],
                "constraints": [models.UniqueConstraint(fields=("case", "user", "form"), name="cm_draft_once")],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "typing",
                    models.CharField(
                        blank=True, help_text="The form; empty: only looks.", max_length=40, verbose_name="types in"
                    ),
                ),
                ("seen_at", models.DateTimeField(verbose_name="seen")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="presences",
                        to="case_management.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="case_presences",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "presence",
                "verbose_name_plural": "presences",
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("case", "user"), name="cm_presence_once")],
            },
        ),
    ]
