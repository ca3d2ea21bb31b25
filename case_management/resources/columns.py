"""Widgets and fields of our Resources: values stay typed, look-ups go through what an import has read ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.widgets import ForeignKeyWidget, Widget

from case_management.resources.labels import topic_labels

if TYPE_CHECKING:
    from case_management.resources.reading import Reading

#: Ids of cases → what stands beside them in another table, one tuple per case.
Loader = Callable[[Iterable[int]], dict[int, tuple[Any, ...]]]


class Plain(Widget):
    """The value in its own type on the way out, the text as it stands on the way in."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """What the reader has trimmed already."""
        return value

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """What the database has."""
        return value


class Looked(Plain):
    """A value that the reading of the file makes of the text; an empty cell says nothing."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """What the text means."""
        return self.look(value, kwargs["reading"]) if value else None

    def look(self, value: Any, reading: Reading) -> Any:
        """What a text that is not empty means; raises RowInvalid when that is nothing."""
        raise NotImplementedError


class Moment(Looked):
    """ISO 8601 with offset; on the way in also what the mapping says."""

    def look(self, value: Any, reading: Reading) -> datetime:
        """An aware moment."""
        return reading.moment(value)

    def render(self, value: datetime | None, obj: Any = None, **kwargs: Any) -> str | None:
        """The same instant for every program."""
        return value.isoformat() if value is not None else None


class YesNo(Plain):
    """A truth, in the spellings that files have."""

    YES = frozenset({"true", "yes", "y", "1", "x"})
    NO = frozenset({"false", "no", "n", "0"})

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool | None:
        """True, False, or None for an empty cell."""
        word = str(value).casefold()
        if word in self.YES | self.NO:
            return word in self.YES
        if not word:
            return None
        raise ValueError(_("“%(value)s” is neither yes nor no. Write true or false.") % {"value": value})


class Number(Plain):
    """A small whole number."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        """The number, or None for an empty cell."""
        text = str(value)
        if not text:
            return None
        if text.isascii() and text.isdigit() and len(text) < 5:
            return int(text)
        raise ValueError(_("“%(value)s” is no number from 0 to 9999. Write digits only.") % {"value": value})


class Named(ForeignKeyWidget):
    """An entry of one of the organisation's lists: its name goes out, its name or key comes in."""

    def __init__(self, model: type[Model]) -> None:
        super().__init__(model, "name")

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """The entry; raises RowInvalid when the list has none such."""
        return kwargs["reading"].lookups.entry(self.model, value) if value else None


class Beside(Field):
    """A read-only or multi-valued column of other tables, loaded for a chunk of cases at once.

    ``place`` picks from the loader's tuple; columns that share a loader share its query.
    """

    def __init__(self, loader: Loader, place: int = 0, *, widget: Widget | None = None, readonly: bool = True) -> None:
        super().__init__(None, widget=widget or Plain(), readonly=readonly)
        self.loader, self.place = loader, place

    def get_value(self, instance: Any) -> Any:
        """For one instance, where a host's own field keeps an export from being compiled."""
        found = self.loader([instance.pk]).get(instance.pk)
        return found[self.place] if found else None


class TagList(Looked):
    """Names of tags; names or keys come in."""

    def look(self, value: Any, reading: Reading) -> Any:
        """The tags as a tuple."""
        return reading.lookups.tags(value)


class TopicPath(Looked):
    """A topic by the names from the root of the tree down to it, or by its key."""

    def look(self, value: Any, reading: Reading) -> Any:
        """The topic."""
        return reading.lookups.topic(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str | None:
        """For one instance, where an export cannot be compiled."""
        return topic_labels().get(value.pk) if value is not None else None

    def column(self, attribute: str) -> tuple[str, Callable[[Any], Any]]:
        """The column to read and how its values are shown; the tree is read once per export."""
        return f"{attribute}_id", topic_labels().get


class StatusWord(Looked):
    """A status by its code or its name, or ``open`` where the file does not say more."""

    def look(self, value: Any, reading: Reading) -> str:
        """The code."""
        return reading.status(value)


class Person(Looked):
    """A member of staff by user name."""

    def look(self, value: Any, reading: Reading) -> int:
        """The user's id."""
        return reading.lookups.user(value)
