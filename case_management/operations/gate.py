"""What must be there before a case is resolved or reopened; every door meets the same gate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from case_management.domain.events import NoteText
from case_management.exceptions import GateNotMet, ValueUnknown
from case_management.models import Case, CaseTag, CaseType, NoteSubject, Settings, Tag, TagCategory
from case_management.models.among import among
from case_management.models.custom_catalogue import CustomCatalogue
from case_management.models.taxonomy import Named
from case_management.operations.custom_book import missing_fields


def checked_note(text: str, subject: NoteSubject | None = None, *, least: int | None = None) -> NoteText:
    """The note, if it is long enough; GateNotMet otherwise. Whoever checks many has read the least length once."""
    least, written = Settings.load().note_min_length if least is None else least, text.strip()
    if len(written) < least:
        message = ngettext(
            "The note needs at least %(least)d character; it has %(length)d.",
            "The note needs at least %(least)d characters; it has %(length)d.",
            least,
        )
        raise GateNotMet(message % {"least": least, "length": len(written)}, fields=["note"])
    return NoteText(written, subject.pk if subject else None)


def checked_choice(entry: Named | None, field: str) -> None:
    """Refuse an entry that its list no longer offers, and a missing one."""
    if entry is None:
        raise GateNotMet(_("Choose a value for “%s”.") % field.replace("_", " "), fields=[field])
    if not entry.is_active:
        raise ValueUnknown(
            _("“%(name)s” is no longer offered; choose another %(field)s.")
            % {"name": entry.name, "field": field.replace("_", " ")},
            fields=[field],
        )


@dataclass(frozen=True)
class ResolveGate:
    """What each case type requires, and the tag categories that the cases at hand have."""

    types: dict[int, CaseType]
    required: dict[int, dict[int, str]]
    tagged: dict[int, set[int]]
    custom: CustomCatalogue = field(default_factory=CustomCatalogue.load)

    @classmethod
    def for_cases(cls, case_ids: list[int]) -> ResolveGate:
        """Read requirements and tags for a chunk of cases, and the custom fields, in five queries at most."""
        required: dict[int, dict[int, str]] = defaultdict(dict)
        for type_id, pk, name in TagCategory.objects.filter(is_active=True, required_for__isnull=False).values_list(
            "required_for", "pk", "name"
        ):
            required[type_id][pk] = name
        tagged: dict[int, set[int]] = defaultdict(set)
        for case_id, category_id in CaseTag.objects.filter(case_id__in=among(CaseTag, case_ids)).values_list(
            "case_id", "tag__category_id"
        ):
            tagged[case_id].add(category_id)
        return cls(CaseType.objects.in_bulk(), required, tagged)

    def give(self, case: Case, tags: Iterable[Tag]) -> tuple[int, ...]:
        """The keys of those ``tags`` whose category the case needs and lacks; from here on it counts as tagged."""
        needed = set(self.required.get(case.case_type_id or 0, {})) - self.tagged[case.pk]
        given = [tag for tag in tags if tag.category_id in needed]
        self.tagged[case.pk] |= {tag.category_id for tag in given}
        return tuple(sorted(tag.pk for tag in given))

    def require(self, case: Case, *, method: Named | None, channel: Named | None) -> None:
        """Raise GateNotMet that names everything that is missing at once."""
        case_type = self.types.get(case.case_type_id or 0)
        missing: dict[str, str] = {}
        if case_type and case_type.requires_resolution_method and method is None:
            missing["method"] = _("resolution method")
        if case_type and case_type.requires_close_channel and channel is None:
            missing["channel"] = _("close channel")
        for category_id, name in self.required.get(case.case_type_id or 0, {}).items():
            if category_id not in self.tagged.get(case.pk, ()):
                missing[f"tag:{category_id}"] = _("a tag of “%s”") % name
        missing |= missing_fields(self.custom, case, to="resolve")
        if missing:
            raise GateNotMet(
                _("Before this case can be resolved it needs: %s.") % ", ".join(missing.values()), fields=list(missing)
            )
