from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("case_management", "0007_search_indexes"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="case",
            options={
                "permissions": [
                    ("note_case", "Can start cases and add notes"),
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
    ]
