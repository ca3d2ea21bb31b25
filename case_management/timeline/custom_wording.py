"""What changed in custom fields, in words: today's labels, and the values that the event decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from django.utils.translation import gettext as _

from case_management.models import CaseEvent, CustomField
from case_management.models.custom_values import in_words

FIELDS_CHANGED = "fields_changed"
Fields = Mapping[str, CustomField]


def fields_for(events: Iterable[CaseEvent]) -> Fields:
    """The fields by key, where any of the events tells of them; one query, or none."""
    told = any(stored.type == FIELDS_CHANGED for stored in events)
    return {field.key: field for field in CustomField.objects.all()} if told else {}


def people_mentioned(events: Iterable[CaseEvent], fields: Fields) -> Iterator[int]:
    """Primary keys of the users whom changed fields name."""
    for stored in events:
        if stored.type == FIELDS_CHANGED:
            values = stored.payload.get("values", {})
            keys = (key for key in stored.payload.get("changed", ()) if key in fields and fields[key].kind == "user")
            yield from (values[key] for key in keys if isinstance(values.get(key), int))


def custom_details(stored: CaseEvent, fields: Fields, people: Mapping[int, str]) -> list[tuple[str, str]]:
    """Label and value of each field that the event changed; a text is not told again, it may have been redacted."""
    values, found = stored.payload.get("values", {}), list[tuple[str, str]]()
    for key in stored.payload.get("changed", ()):
        field = fields.get(key)
        said = in_words(field, values.get(key), people) if field else str(values.get(key, "–"))
        found.append((field.name if field else key, said))
    texts = stored.payload.get("texts", ())
    return [*found, *((fields[key].name if key in fields else key, _("changed")) for key in texts)]


def custom_sentence(stored: CaseEvent, fields: Fields, people: Mapping[int, str]) -> str:
    """Such as “Baggage set to Lost; Amount cleared; Seat changed”."""
    values, told = stored.payload.get("values", {}), custom_details(stored, fields, people)
    changed = len(stored.payload.get("changed", ()))
    parts = [
        _("%(field)s set to %(value)s") % {"field": label, "value": said} if key in values else _("%s cleared") % label
        for key, (label, said) in zip(stored.payload.get("changed", ()), told, strict=False)
    ]
    parts += [_("%s changed") % label for label, _said in told[changed:]]
    return "; ".join(parts) or _("Custom fields changed")
