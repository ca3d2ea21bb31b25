"""What went out comes back: export, import and export again give the same table, whatever the cases hold."""

from __future__ import annotations

import io
import json
import unicodedata
from datetime import UTC, datetime, timedelta

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_management.models import Case, CaseEvent
from case_management.resources.case_resource import CaseResource
from case_management.resources.export_file import export_rows, write_export
from case_management.tabular import open_table, open_writer
from tests.resources.conftest import take_file_in

#: What only the other place knows: who a case is, and what is worked out anew.
OWN = {"reference", "external_id"}
START = datetime(2020, 1, 1, tzinfo=UTC)


def is_whole(text):
    return all(unicodedata.category(char) not in {"Cs", "Cc", "Cn", "Co"} or char == "\n" for char in text)


words = st.text(max_size=40).filter(is_whole)
names = words.map(str.strip).filter(bool)
moments = st.integers(0, 2_000 * 86_400 * 10**6).map(lambda value: START + timedelta(microseconds=value))


@st.composite
def rows(draw):
    """One row as a file of the old system might have it."""
    opened, started, resolved, closed = sorted(draw(st.lists(moments, min_size=4, max_size=4)))
    status = draw(st.sampled_from(["new", "in_progress", "waiting", "resolved", "closed"]))
    done = status in ("resolved", "closed")
    has_started = status == "in_progress" or draw(st.booleans())
    return {
        "source": "Old desk",
        "title": draw(names),
        "description": draw(words.filter(lambda text: not text or bool(text.strip()))),
        "topic": draw(st.sampled_from(["Food", "Seat"])),
        "case_type": draw(st.sampled_from(["", "Recovery"])),
        "priority": draw(st.sampled_from(["Urgent", "Normal"])),
        "unit_number": draw(st.sampled_from(["", "N", "S"])),
        "team": draw(st.sampled_from(["", "Night shift"])),
        "assignee": draw(st.sampled_from(["", "agent"])),
        "contact_name": draw(names | st.just("")),
        "contact_email": draw(st.sampled_from(["", "ann@example.org"])),
        "tags": draw(st.sampled_from(["", "Angry", "Angry; Calm"])),
        "status": status,
        "waiting_for": draw(st.sampled_from(["customer", "third_party"])) if status == "waiting" else "",
        "opened_at": opened.isoformat(),
        "started_at": started.isoformat() if has_started and status != "new" else "",
        "due_at": draw(st.none() | moments.map(datetime.isoformat)) or "",
        "resolved_at": resolved.isoformat() if done else "",
        "closed_at": closed.isoformat() if status == "closed" else "",
        "closure_reason": "Solved" if done else "",
        "closure_note": draw(words.map(lambda text: f"settled: {text}".strip())).ljust(10, ".") if done else "",
        "resolution_method": draw(st.sampled_from(["", "Apology"])) if done else "",
        "close_channel": draw(st.sampled_from(["", "Phone"])) if done else "",
        "flagged": draw(st.sampled_from(["", "true"])),
        "escalation_level": draw(st.sampled_from(["", "1", "3"])),
    }


def written(user, format):
    file = io.BytesIO()
    write_export(export_rows(user, "cases", ""), format, file, lambda done, total: None)
    return file.getvalue()


def renamed(content, format):
    """The same table with other ids, as if it came from a system that holds the same cases."""
    target = io.BytesIO()
    with open_table(io.BytesIO(content), format=format) as table, open_writer(target, format, table.headers) as out:
        for found in table:
            out.write(list((found.values | {"external_id": f"{found.values['external_id']}-again"}).values()))
    return target.getvalue()


def facts(user):
    shown = json.loads(written(user, "json"))
    return {case["external_id"]: {name: case[name] for name in case if name not in OWN} for case in shown}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(rows(), min_size=1, max_size=6), st.sampled_from(["csv", "xlsx", "json", "jsonl"]))
def test_export_import_export_gives_the_same_table(desk, told, format):
    desk.agent.case_memberships.update(unit=None)
    with transaction.atomic():
        numbered = [{"external_id": f"A{number}", **facts_told} for number, facts_told in enumerate(told)]
        first = take_file_in(desk.chief, json.dumps(numbered).encode())
        assert (first.created, first.notes) == (len(told), [])
        out = written(desk.chief, format)
        events = CaseEvent.objects.count()
        again = take_file_in(desk.chief, out)
        assert (again.unchanged, again.notes) == (len(told), [])
        assert CaseEvent.objects.count() == events
        copied = take_file_in(desk.chief, renamed(out, format))
        assert (copied.created, copied.notes) == (len(told), [])
        table = facts(desk.chief)
        assert {key: table[f"{key}-again"] for key in table if f"{key}-again" in table} == {
            key: table[key] for key in table if not key.endswith("-again")
        }
        for number, facts_told in enumerate(told):
            shown = table[f"A{number}"]
            assert {name: str(shown[name]) for name in ("title", "description", "status", "topic")} == {
                name: facts_told[name] for name in ("title", "description", "status", "topic")
            }
        transaction.set_rollback(True)


def test_a_dataset_goes_through_the_same_engine(desk):
    """Hosts that hold a tablib Dataset import and export by the Resource itself."""
    resource = CaseResource(user=desk.chief)
    numbered = [{"external_id": "A1", "source": "Old desk", "title": "Cold", "topic": "Food"}]
    take_file_in(desk.chief, json.dumps(numbered).encode())
    dataset = resource.export()
    result = resource.import_data(dataset)
    assert dict(result.totals)["skip"] == 1
    dataset.append_col(["Seat"] * dataset.height, header="subject")
    del dataset["title"]
    dataset.append_col(["Warm"], header="title")
    assert resource.import_data(dataset, dry_run=True).totals["update"] == 1
    assert Case.objects.get().title == "Cold"
    assert resource.import_data(dataset).totals["update"] == 1
    assert Case.objects.get().title == "Warm"
    del dataset["topic"]
    dataset.append_col(["Drinks"], header="topic")
    refused = resource.import_data(dataset)
    assert (refused.totals["invalid"], refused.has_validation_errors()) == (1, True)
