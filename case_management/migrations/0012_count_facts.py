"""Lists by priority or survey score count along indexes that know who may see each case (PostgreSQL)."""

from django.db import migrations

#: Beside the indexes that every database has: without these the cases are read from their beginning, most for nothing.
COVERING = {
    "cm_case_priority_facts": "(priority_id) INCLUDE (status, unit_id, assignee_id, team_id, id)",
    "cm_case_score_facts": "(score) INCLUDE (status, unit_id, assignee_id, team_id, id) WHERE score IS NOT NULL",
}


def add_covering(apps, schema_editor):
    """Only PostgreSQL has them."""
    if schema_editor.connection.vendor == "postgresql":
        for name, columns in COVERING.items():
            schema_editor.execute(f"CREATE INDEX {name} ON case_management_case {columns}")


def remove_covering(apps, schema_editor):
    """Take them away."""
    if schema_editor.connection.vendor == "postgresql":
        for name in COVERING:
            schema_editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("case_management", "0011_messages")]

    operations = [migrations.RunPython(add_covering, remove_covering)]
