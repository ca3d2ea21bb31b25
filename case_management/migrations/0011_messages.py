"""Replies and forwards: what a message is and whose, its way out, its files, and as whom a unit writes."""

import case_management.models.message
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("case_management", "0010_hot_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="case",
            options={
                "permissions": [
                    ("note_case", "Can start cases and add notes"),
                    ("reply_case", "Can reply to customers"),
                    ("forward_case", "Can forward cases by e-mail"),
                    ("assign_case", "Can assign cases"),
                    ("reroute_case", "Can re-route cases to a unit or team"),
                    ("tag_case", "Can tag cases"),
                    ("flag_case", "Can flag cases"),
                    ("wait_case", "Can put cases on hold and resume them"),
                    ("escalate_case", "Can escalate cases"),
                    ("resolve_case", "Can resolve cases"),
                    ("reopen_case", "Can reopen cases"),
                    ("close_case", "Can close resolved cases"),
                    ("merge_case", "Can merge cases into another"),
                    ("import_case", "Can import cases"),
                    ("export_case", "Can export cases"),
                    ("oversee_case", "Can oversee cases: is told of escalations and missed deadlines"),
                    ("view_dashboard", "Can see the dashboard"),
                ],
                "verbose_name": "case",
                "verbose_name_plural": "cases",
            },
        ),
        migrations.AddField(
            model_name="attachment",
            name="uploaded_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="uploaded by",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="answers",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="case_management.message",
                verbose_name="answers",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="cc",
            field=models.JSONField(blank=True, default=list, verbose_name="copy to"),
        ),
        migrations.AddField(
            model_name="message",
            name="encloses",
            field=models.ManyToManyField(
                blank=True, related_name="enclosed_in", to="case_management.attachment", verbose_name="encloses"
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="event",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="message",
                to="case_management.caseevent",
                verbose_name="event",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="is_internal",
            field=models.BooleanField(default=False, verbose_name="internal"),
        ),
        migrations.AddField(
            model_name="message",
            name="key",
            field=models.CharField(blank=True, max_length=100, null=True, unique=True, verbose_name="key"),
        ),
        migrations.AddField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[("mail", "Message"), ("reply", "Reply"), ("forward", "Forward")],
                default="mail",
                max_length=8,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="references",
            field=models.JSONField(blank=True, default=list, verbose_name="References"),
        ),
        migrations.AddField(
            model_name="message",
            name="response",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="case_management.scriptedresponse",
                verbose_name="scripted response",
            ),
        ),
        migrations.AddField(
            model_name="unit",
            name="sender_address",
            field=models.EmailField(
                blank=True,
                help_text="Letters to customers come from it. Empty: as the unit above.",
                max_length=254,
                verbose_name="sender's address",
            ),
        ),
        migrations.AddField(
            model_name="unit",
            name="sender_name",
            field=models.CharField(
                blank=True,
                help_text="In letters to customers. Empty: as the unit above.",
                max_length=120,
                verbose_name="sender's name",
            ),
        ),
        migrations.AlterField(
            model_name="attachment",
            name="file",
            field=models.FileField(
                storage=case_management.models.message.private_storage,
                upload_to=case_management.models.message.generated_name,
                verbose_name="file",
            ),
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("done", "Done"),
                            ("dead", "Failed for good"),
                            ("suppressed", "Suppressed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="pending",
                        editable=False,
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="attempts")),
                ("available_at", models.DateTimeField(editable=False, verbose_name="due from")),
                (
                    "lease_until",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="claimed until"),
                ),
                ("last_error", models.TextField(blank=True, default="", editable=False, verbose_name="last error")),
                ("send_at", models.DateTimeField(blank=True, null=True, verbose_name="send at")),
                (
                    "cancels_on_answer",
                    models.BooleanField(default=False, verbose_name="not if the customer writes first"),
                ),
                ("waits", models.BooleanField(default=False, verbose_name="then wait for the customer")),
                ("resolution", models.PositiveIntegerField(blank=True, null=True, verbose_name="resolved by event")),
                ("reason", models.CharField(blank=True, max_length=20, verbose_name="why cancelled")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="delivery",
                        to="case_management.message",
                        verbose_name="message",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")), fields=["available_at", "id"], name="cm_delivery_due"
                    )
                ],
            },
        ),
    ]
