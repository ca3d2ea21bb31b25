"""What rows of a file refer to by name, read ahead: lists once per file, people once per chunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from case_management.exceptions import RowInvalid
from case_management.models import Tag, Topic, Unit
from case_management.resources.labels import branch, parted, topic_labels
from case_management.resources.missing import Missing


class Table:
    """Entries by the texts that mean them; a text that could mean two means none."""

    def __init__(self, model: Any) -> None:
        self._what = str(model._meta.verbose_name)
        self._exact: dict[str, Any] = {}
        self._loose: dict[str, Any] = {}

    def add(self, texts: Iterable[tuple[str, Any]]) -> Table:
        """Pairs of text and entry, the surest first: of two entries with the same text the first keeps it."""
        for text, entry in texts:
            self._exact.setdefault(text, entry)
            folded = text.casefold()
            self._loose[folded] = entry if self._loose.get(folded, entry) is entry else None
        return self

    def find(self, text: str) -> Any:
        """The entry, or None."""
        return self._exact.get(text) or self._loose.get(text.casefold())

    def unknown(self, text: str) -> RowInvalid:
        """The error for a text that means nothing here."""
        close = get_close_matches(text, list(self._exact), 1)
        hint = _("Did you mean “%s”?") % close[0] + " " if close else ""
        return RowInvalid(
            _("There is no %(what)s “%(text)s” for you.") % {"what": self._what, "text": text[:120]},
            mend=hint + _("Correct the cell, add the entry first, or let the mapping create what is missing."),
        )


class Lookups:
    """Look-ups for one file, in the name of the importing person."""

    def __init__(self, units: Any, missing: Missing) -> None:
        """``units`` are those that the person may import into; ``missing`` makes entries, or refuses to."""
        self._unit_rows, self._missing = units, missing
        self._tables: dict[type[Model], Table] = {}
        self._users: dict[str, int | None] = {}

    def forget(self) -> None:
        """Read anew: what was made since may have been rolled back."""
        self._tables.clear()
        self._users.clear()

    def entry(self, model: type[Model], text: str) -> Any:
        """An entry of a list by its name or key."""
        if model not in self._tables:
            entries: list[Any] = list(model._default_manager.all())
            names, keys = [(entry.name, entry) for entry in entries], [(entry.key, entry) for entry in entries]
            self._tables[model] = Table(model).add([*names, *keys])
        return self._find(model, text)

    def topic(self, text: str) -> Any:
        """A topic by its branch, its key or, where only one has it, its name."""
        if Topic not in self._tables:
            topics = Topic.objects.in_bulk()
            labels = [(label, topics[pk]) for pk, label in topic_labels().items()]
            keys = [(topic.key, topic) for topic in topics.values()]
            self._tables[Topic] = Table(Topic).add([*labels, *keys, *_unique_names(topics.values())])
        return self._tables[Topic].find(text) or self._find(Topic, branch(text))

    def unit(self, text: str) -> Any:
        """A unit by its number or, where only one has it, its name."""
        if Unit not in self._tables:
            units = list(self._unit_rows)
            self._tables[Unit] = Table(Unit).add([*((unit.number, unit) for unit in units), *_unique_names(units)])
        return self._find(Unit, text)

    def tags(self, text: str) -> tuple[Any, ...]:
        """Tags by names or keys."""
        return tuple(self.entry(Tag, name) for name in parted(text))

    def user(self, name: str) -> int:
        """The id of a member of staff by user name."""
        found = self._users.get(name)
        if found is None:
            raise RowInvalid(
                _("There is no member of staff “%s”.") % name[:120],
                mend=_("Correct the user name, give the person a role first, or leave the cell empty."),
            )
        return found

    def prime_users(self, names: Iterable[str]) -> None:
        """Read the members of staff that a chunk names and that were not read yet; one query."""
        wanted = set(names) - set(self._users)
        if not wanted:
            return
        model: Any = get_user_model()
        staff = Q(case_memberships__isnull=False) | Q(is_superuser=True)
        found = model._default_manager.filter(staff, **{f"{model.USERNAME_FIELD}__in": wanted})
        self._users.update(dict.fromkeys(wanted))
        self._users.update(dict(found.values_list(model.USERNAME_FIELD, "pk")))

    def _find(self, model: type[Model], text: str) -> Any:
        table = self._tables[model]
        found = table.find(text)
        if found is None:
            found = self._missing.make(model, text)
            if found is None:
                raise table.unknown(text)
            table.add([(text, found)])
        return found


def _unique_names(entries: Iterable[Any]) -> list[tuple[str, Any]]:
    entries = list(entries)
    often = Counter(entry.name for entry in entries)
    return [(entry.name, entry) for entry in entries if often[entry.name] == 1]
