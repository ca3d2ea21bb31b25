"""How many cases each value of each filter would find, counted in one query over what the other filters leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Case as Choice
from django.db.models import Exists, F, IntegerField, OuterRef, Q, Value, When

from case_management import conf
from case_management.domain.states import DONE, OPEN
from case_management.filters import CaseFilterSet
from case_management.models import CaseFlag, CaseTag, Tag, Team

#: Trees are counted by their paths and summed up branch by branch.
TREES = ("unit", "topic")
_BY_STATUS = "cm_by_status"
_YES_NO = {"1": "yes", "0": "no"}


@dataclass(frozen=True)
class Facets:
    """Counts by filter and value; a filter that leaves more cases than are worth counting has none."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    #: Cases per status under all filters; None where they are more than are worth counting, or nobody counted.
    by_status: dict[str, int] | None = None

    def of(self, name: str, value: str) -> int | None:
        """Cases that ``value`` of the filter ``name`` finds under the other filters; None where nobody counted.

        The values of trees are paths.
        """
        found = self.counts.get(name)
        if found is None:
            return None
        if name in TREES:
            return sum(count for path, count in found.items() if value and path.startswith(value))
        return found.get(value, 0)


@dataclass(frozen=True)
class Column:
    """A fact of cases that is counted for one filter; ``words`` turn its values into the filter's, if they differ."""

    facet: str
    fact: Any
    words: Mapping[str, str] | None = None

    def word(self, value: Any) -> str | None:
        text = "" if value is None else str(value)
        return text if self.words is None else self.words.get(text)


def facets(filters: CaseFilterSet, more: Mapping[str, Column] | None = None) -> Facets:
    """The counts of every filter that has values to choose from; one query, none for a question that is wrong.

    ``more`` are further columns by a name that SQL takes as it is.
    """
    if not filters.is_valid():
        return Facets()
    columns = {**_columns(filters), **(more or {})}
    chosen = {column.facet: bool(filters.form.cleaned_data.get(column.facet)) for column in columns.values()}
    asked = {name: column.facet if chosen[column.facet] else "" for name, column in columns.items()}
    asked["tag"] = "tag" if filters.form.cleaned_data["tag"] else ""
    try:
        found = _counted(filters, columns, asked)
    except EmptyResultSet:
        return Facets()
    is_counted = found["", ""].get("", 0) <= conf.list_count_cap()
    return Facets(_readable(found, columns, asked, filters), found[_BY_STATUS] if is_counted else None)


def _columns(filters: CaseFilterSet) -> dict[str, Column]:
    people = get_user_model().USERNAME_FIELD
    plain = {
        "status": "status", "source": "source__key", "type": "case_type__key", "priority": "priority__key",
        "team": "team__key", "unit": "unit__path", "topic": "topic__path", "assignee": f"assignee__{people}",
    }  # fmt: skip
    teams = Team.objects.filter(members=filters.user).order_by().values("pk")
    my_flags = CaseFlag.objects.filter(user=filters.user, case=OuterRef("pk"))
    return {
        **{name: Column(name, F(path)) for name, path in plain.items()},
        "late": _mark("status", filters.past_due(), {"1": "overdue"}),
        "overdue": _mark("overdue", filters.past_due()),
        "escalated": _mark("escalated", Q(escalation_level__gt=0)),
        "flagged": _mark("flagged", Q(flagged=True), {"1": "all"}),
        "my_flag": _mark("flagged", Exists(my_flags), {"1": "mine"}),
        "my_teams": _mark("my_teams", Q(team__in=teams)),
        "awaiting": _mark("awaiting", Q(awaiting_since__isnull=False)),
        "snoozed": _mark("snoozed", Q(snoozed_until__gt=filters.now)),
        "merged": _mark("merged", Q(merged_into__isnull=False)),
    }


def _mark(facet: str, condition: Any, words: Mapping[str, str] = _YES_NO) -> Column:
    number = Choice(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())
    return Column(facet, number, words)


def _counted(filters: CaseFilterSet, columns: dict[str, Column], asked: dict[str, str]) -> Any:
    """``{column: {value: count}}``, and under ``("", question)`` the size of each question."""
    connection = connections[filters.queryset.db]
    questions = {name: f"cm_q{number}" for number, name in enumerate(dict.fromkeys(["", *asked.values()]))}
    tables, params = [], []
    for name, alias in questions.items():
        sql, values = _base(filters.without(name), columns, connection)
        tables.append(f"{alias} AS ({sql})")
        params += values
    parts = [f"SELECT '', '{name}', COUNT(*) FROM {alias}" for name, alias in questions.items()]  # noqa: S608
    parts += [_part(name, questions[question], connection) for name, question in asked.items()]
    parts.append(_values(_BY_STATUS, "cm_status", questions[""]))
    # Names are our own and values are parameters; the rest is what the ORM compiled.
    statement = f"WITH {', '.join(tables)} {' UNION ALL '.join(parts)}"
    found: Any = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        for name, value, count in cursor.fetchall():
            found[name or ("", value)][value] = count
    return found


def _base(rows: Any, columns: dict[str, Column], connection: Any) -> tuple[str, list[Any]]:
    """The facts of ``rows``, up to the cap, as SQL and its parameters."""
    facts = {"cm_pk": F("pk"), **{f"cm_{name}": column.fact for name, column in columns.items()}}
    asked = rows.order_by().annotate(**facts).values_list(*facts)[: conf.list_count_cap() + 1]
    sql, params = asked.query.get_compiler(connection=connection).as_sql()
    return sql, list(params)


def _part(name: str, alias: str, connection: Any) -> str:
    """The counts of one column."""
    if name != "tag":
        return _values(name, f"cm_{name}", alias)
    links, tags = (connection.ops.quote_name(model._meta.db_table) for model in (CaseTag, Tag))
    return (
        f"SELECT 'tag', cm_tag.key, COUNT(*) FROM {links} cm_link JOIN {tags} cm_tag ON cm_tag.id = cm_link.tag_id"  # noqa: S608
        f" WHERE {_few(alias)} AND cm_link.case_id IN (SELECT cm_pk FROM {alias}) GROUP BY cm_tag.key"
    )


def _values(name: str, column: str, alias: str) -> str:
    return (
        f"SELECT '{name}', CAST({column} AS VARCHAR(255)), COUNT(*) FROM {alias}"  # noqa: S608
        f" WHERE {_few(alias)} GROUP BY {column}"
    )


def _few(alias: str) -> str:
    """Asked once per part: what is not shown is not counted, and the tags of ten thousand cases are not read."""
    return f"(SELECT COUNT(*) FROM {alias}) <= {int(conf.list_count_cap())}"  # noqa: S608


def _readable(
    found: Any, columns: dict[str, Column], asked: dict[str, str], filters: CaseFilterSet
) -> dict[str, dict[str, int]]:
    """The counts under the words that the address uses, without those of questions that find too much."""
    cap = conf.list_count_cap()
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for name, question in asked.items():
        if found["", question].get(question, 0) > cap:
            continue
        column = columns.get(name, Column("tag", None))
        words = {column.word(value): count for value, count in found[name].items()}
        counts[column.facet] |= {word: count for word, count in words.items() if word is not None}
    if "status" in counts:
        sums = {"open": OPEN, "done": DONE}
        counts["status"] |= {word: sum(counts["status"].get(str(each), 0) for each in sums[word]) for word in sums}
    if "assignee" in counts:
        mine = counts["assignee"].get(str(filters.user.get_username()), 0)
        counts["assignee"] |= {"nobody": counts["assignee"].get("", 0), "me": mine}
    return dict(counts)
