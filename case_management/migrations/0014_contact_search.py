"""Beginnings of names, addresses and ids of a million contacts are found by an index (PostgreSQL)."""

from django.db import migrations

_TABLE = "case_management_contact"
#: As the ORM asks: ``istartswith`` compares in capitals, ``startswith`` as it stands.
INDEXES = {
    "cm_contact_name_start": f"{_TABLE} (UPPER(name::text) text_pattern_ops)",
    "cm_contact_id_start": f"{_TABLE} (UPPER(external_id::text) text_pattern_ops) WHERE external_id <> ''",
    "cm_point_start": f"{_TABLE}point (normalised varchar_pattern_ops)",
}


def add(apps, schema_editor):
    """Only PostgreSQL has them."""
    if schema_editor.connection.vendor == "postgresql":
        for name, what in INDEXES.items():
            schema_editor.execute(f"CREATE INDEX {name} ON {what}")


def remove(apps, schema_editor):
    """Take them away."""
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("case_management", "0013_contact_merges")]

    operations = [migrations.RunPython(add, remove)]
