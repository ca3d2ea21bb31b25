"""The full-text index over the words of cases: what each database is best at; other databases compare texts."""

from django.db import DatabaseError, migrations, transaction

TABLE = "case_management_casetext"
_VECTOR = " || ".join(
    f"setweight(to_tsvector('simple'::regconfig, {column}), '{weight}')"
    for column, weight in (("head", "A"), ("body", "B"), ("said", "C"))
)
POSTGRESQL = (
    f"ALTER TABLE {TABLE} ADD COLUMN vector tsvector GENERATED ALWAYS AS ({_VECTOR}) STORED",
    f"CREATE INDEX cm_case_words ON {TABLE} USING gin (vector)",
)
#: For slips of the pen; the extension may be the superuser's to install, and search works without.
TRIGRAMS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    f"CREATE INDEX cm_case_head_trigrams ON {TABLE} USING gin (head gin_trgm_ops)",
)
_GONE = (
    f"INSERT INTO {TABLE}_fts ({TABLE}_fts, rowid, head, body, said)"  # noqa: S608 - constants
    " VALUES ('delete', old.case_id, old.head, old.body, old.said)"
)
_COME = f"INSERT INTO {TABLE}_fts (rowid, head, body, said) VALUES (new.case_id, new.head, new.body, new.said)"  # noqa: S608
SQLITE = (
    # The words are parted by spaces already, and to this tokenizer everything beyond ASCII is part of a word.
    f"CREATE VIRTUAL TABLE {TABLE}_fts USING fts5 (head, body, said,"
    f" content='{TABLE}', content_rowid='case_id', tokenize='ascii', prefix='2 3')",
    f"CREATE TRIGGER {TABLE}_insert AFTER INSERT ON {TABLE} BEGIN {_COME}; END",
    f"CREATE TRIGGER {TABLE}_delete AFTER DELETE ON {TABLE} BEGIN {_GONE}; END",
    f"CREATE TRIGGER {TABLE}_update AFTER UPDATE ON {TABLE} BEGIN {_GONE}; {_COME}; END",
)


def add_indexes(apps, schema_editor):
    """Add what this database has."""
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        _run(schema_editor, POSTGRESQL)
        _try(schema_editor, TRIGRAMS)
    elif vendor == "sqlite":
        _try(schema_editor, SQLITE)


def remove_indexes(apps, schema_editor):
    """Remove them; the extension stays, others may use it."""
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        _run(schema_editor, ("DROP INDEX IF EXISTS cm_case_head_trigrams", f"ALTER TABLE {TABLE} DROP COLUMN vector"))
    elif vendor == "sqlite":
        _run(schema_editor, [f"DROP TRIGGER IF EXISTS {TABLE}_{when}" for when in ("insert", "delete", "update")])
        _run(schema_editor, [f"DROP TABLE IF EXISTS {TABLE}_fts"])


def _run(schema_editor, statements):
    with schema_editor.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _try(schema_editor, statements):
    """In a savepoint: a refusal must not end the migration."""
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            _run(schema_editor, statements)
    except DatabaseError:
        return


class Migration(migrations.Migration):
    dependencies = [("case_management", "0006_views_and_preferences")]

    operations = [migrations.RunPython(add_indexes, remove_indexes)]
