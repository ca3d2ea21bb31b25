"""Fills a database with cases for the benchmark of the list: by SQL, a million in some minutes, as lived as matters.

Three of a hundred cases are open, most of those lately opened; units, topics, people, tags, notes and words are spread
unevenly. Timelines hold the opening and one note: lists do not read them.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.core.management import call_command
from django.db import connection, transaction

from case_management.domain.reference import ALPHABET
from case_management.models import Case
from case_management.testing.demo import words
from case_management.testing.demo.seeding import Seeder

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
#: Words that everybody writes, some write, and one in 20,000 writes.
COMMON, RARE = "hotel", "quokka"
_TITLES = [text for texts in words.TROUBLES.values() for text in texts]

_SETTINGS = """
CREATE TEMPORARY TABLE made AS
SELECT n, %(now)s::timestamptz - (%(count)s - n) * (interval '730 days' / %(count)s) AS opened,
       random() AS luck, random() AS a, random() AS b, random() AS c, random() AS d
  FROM generate_series(1, %(count)s) AS n
"""
_CONTACTS = """
INSERT INTO case_management_contact (id, name, external_id, language, country, customer_model, customer_id, created_at)
SELECT n, (%(first)s::text[])[1 + n %% 24] || ' ' || (%(last)s::text[])[1 + n / 24 %% 24], 'guest-' || n, '', '', '',
       '', opened FROM made WHERE n %% 10 < 7
"""
_POINTS = """
INSERT INTO case_management_contactpoint (contact_id, kind, value, normalised)
SELECT id, 'email', address, address
  FROM (SELECT id, 'guest.' || id || '@example.net' AS address FROM case_management_contact) AS contacts
"""
_CASES = """
INSERT INTO case_management_case (
  id, reference, external_id, source_id, contact_id, title, description, status, waiting_for, topic_id, case_type_id,
  priority_id, priority_rank, unit_id, team_id, assignee_id, flagged, escalation_level, opened_at, started_at,
  resolved_at, closed_at, breached_at, awaiting_since, snoozed_until, score, custom, custom_texts, reopen_count,
  sla_policy_id, sla_target, sla_due_at, due_at, urgent_at, version, updated_at, chain_head)
SELECT n, (SELECT 'B' || left(tail, 3) || '-' || substr(tail, 4) FROM (
         SELECT string_agg(substr(%(alphabet)s, 1 + floor(n / 28 ^ place)::int %% 28, 1), '' ORDER BY place) AS tail
           FROM generate_series(0, 5) AS place) AS digits), 'crm-' || n, sources[1 + (a * a * 5)::int %% 5],
       CASE WHEN n %% 10 < 7 THEN n END, (%(titles)s::text[])[1 + (b * %(title_count)s)::int %% %(title_count)s],
       (%(openings)s::text[])[1 + (c * 100)::int %% 8] || ' It was a hotel in town, order ' || n || '. '
         || (%(follow_ups)s::text[])[1 + (d * 100)::int %% 10]
         || CASE WHEN n %% 20000 = 7 THEN ' We met a quokka.' ELSE '' END,
       status, CASE status WHEN 'waiting' THEN 'customer' ELSE '' END, topics[1 + (b * b * 12)::int %% 12],
       types[1 + (c * c * 4)::int %% 4], priorities[rank], rank, units[1 + (d * d * 24)::int %% 24],
       CASE WHEN a < 0.2 THEN teams[1 + (a * 15)::int %% 3] END,
       CASE WHEN status <> 'new' THEN people[1 + (a * b * array_length(people, 1))::int %% array_length(people, 1)] END,
       c < 0.01, CASE WHEN d < 0.03 THEN 1 ELSE 0 END, opened, CASE WHEN status <> 'new' THEN opened + '1 hour' END,
       done, CASE WHEN status = 'closed' THEN done + '14 days' END,
       CASE WHEN a < 0.1 AND is_open THEN opened + '2 days' END, CASE WHEN is_open AND b < 0.3 THEN opened END,
       CASE WHEN is_open AND c < 0.02 THEN %(now)s::timestamptz + '3 days' END,
       CASE WHEN b < 0.5 THEN (a * 10)::int END, '{}', '{}', 0, NULL, 7200, opened + '3 days', opened + '3 days',
       opened + '3 days', 2, coalesce(done, opened), ''
  FROM (SELECT *, (ARRAY[1, 2, 2, 3, 3, 3, 3, 3, 4, 4])[1 + (d * 10)::int %% 10] AS rank,
               CASE WHEN NOT is_open THEN opened + a * interval '9 days' END AS done,
               CASE WHEN is_open THEN (ARRAY['new', 'in_progress', 'in_progress', 'waiting'])[1 + (a * 4)::int %% 4]
                    WHEN opened > %(now)s::timestamptz - interval '24 days' THEN 'resolved' ELSE 'closed' END AS status
          FROM (SELECT *, luck < CASE WHEN n > %(count)s * 0.95 THEN 0.5 ELSE 0.005 END AS is_open
                  FROM made) AS m) AS m,
       (SELECT array_agg(id ORDER BY id) AS sources FROM case_management_source) AS s,
       (SELECT array_agg(id ORDER BY id) AS topics FROM case_management_topic WHERE depth = 2) AS t,
       (SELECT array_agg(id ORDER BY id) AS types FROM case_management_casetype) AS y,
       (SELECT array_agg(id ORDER BY rank) AS priorities FROM case_management_priority) AS p,
       (SELECT array_agg(id ORDER BY id) AS units FROM case_management_unit WHERE depth = 3) AS u,
       (SELECT array_agg(id ORDER BY id) AS teams FROM case_management_team) AS e,
       (SELECT array_agg(id ORDER BY id) AS people FROM auth_user) AS w
"""
_EVENTS = """
INSERT INTO case_management_caseevent (
  id, case_id, seq, type, payload, actor_kind, actor_label, occurred_at, recorded_at, depth, hash)
SELECT 2 * n - 2 + seq, n, seq, CASE seq WHEN 1 THEN 'opened' ELSE 'note_added' END, '{}', 'system', 'benchmark',
       opened, opened, 0, '' FROM made, generate_series(1, 2) AS seq
"""
_NOTES = """
INSERT INTO case_management_casenote (case_id, event_id, text)
SELECT n, 2 * n, (%(notes)s::text[])[1 + (a * 100)::int %% 8] FROM made WHERE b < 0.6
"""
_TAGS = """
INSERT INTO case_management_casetag (case_id, tag_id)
SELECT n, tags[1 + (a * c * 10)::int %% 10] FROM made,
       (SELECT array_agg(id ORDER BY id) AS tags FROM case_management_tag) AS t WHERE d < 0.7
"""
# The texts are ASCII, so that SQL reads their words as Python does.
_TEXTS = """
INSERT INTO case_management_casetext (case_id, head, body, said)
SELECT c.id, words(c.title) || ' | ' || coalesce(words(p.name), ''), words(c.description), coalesce(words(o.text), '')
  FROM case_management_case c LEFT JOIN case_management_contact p ON p.id = c.contact_id
  LEFT JOIN case_management_casenote o ON o.case_id = c.id
"""
_WORDS = r"""
CREATE FUNCTION pg_temp.words(text) RETURNS text IMMUTABLE LANGUAGE sql AS
$$ SELECT trim(regexp_replace(lower($1), '[^a-z0-9]+', ' ', 'g')) $$
"""
_TABLES = ("case", "contact", "contactpoint", "caseevent", "casenote", "casetag")


def fill(count: int) -> None:
    """Migrate, and write ``count`` cases unless they are there."""
    call_command("migrate", verbosity=0)
    if Case.objects.count() == count:
        return
    write(count)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def write(count: int) -> None:
    """Found the company and write the cases, into an empty database."""
    Seeder(1, NOW).found()
    params = {
        "count": count, "now": NOW, "alphabet": ALPHABET, "titles": _TITLES, "title_count": len(_TITLES),
        "first": list(words.FIRST), "last": list(words.LAST), "notes": list(words.NOTES),
        "openings": [text.format(nights=3, trouble="nobody helped") for text in words.OPENINGS],
        "follow_ups": list(words.FOLLOW_UPS[:10]),
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        for statement in (_SETTINGS, _CONTACTS, _POINTS, _CASES, _EVENTS, _NOTES, _TAGS):
            cursor.execute(statement, params)
        cursor.execute(_WORDS)
        cursor.execute(_TEXTS.replace("words(", "pg_temp.words("))
        for table in _TABLES:
            name = f"case_management_{table}"
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}")  # noqa: S608
