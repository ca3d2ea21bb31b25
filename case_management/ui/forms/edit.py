"""The form that edits an open case: its texts, its customer, and what sorts it, in one go."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.actor import Actor
from case_management.domain.events import CustomFieldsChanged
from case_management.exceptions import NothingToChange
from case_management.models import Case, CaseType, CustomField, Priority, Topic, Unit
from case_management.models.custom_field import FieldKind
from case_management.operations import reroute_case, set_custom_fields
from case_management.ui.forms import custom
from case_management.ui.forms.base import Button, OperationForm, Place
from case_management.ui.forms.choosing import Both, both, taken
from case_management.ui.forms.contact_search import contacts_matching, described
from case_management.ui.forms.desk import Desk
from case_management.ui.forms.edit_steps import CHANGES, PLANNED, make_changes
from case_management.ui.forms.moment import MomentField
from case_management.ui.forms.refusal import EntryField, text_area

FIND = "find"


class EditForm(OperationForm):
    """Each field that the person changed calls its operation; all of them in one transaction."""

    slug = "edit"
    verbs = ("correct", "change_topic", "change_type", "change_priority", "change_deadline", "set_fields")
    title, submit, done = gettext_lazy("Edit"), gettext_lazy("Save"), gettext_lazy("Changes saved.")
    place, can_clear, is_deferred = Place.TAB, True, True

    heading = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=250,
        widget=forms.TextInput(attrs={"dir": "auto"}),
        show_hidden_initial=True,
    )
    description = forms.CharField(
        label=gettext_lazy("Description"), required=False, widget=text_area(), show_hidden_initial=True
    )
    topic = EntryField(Topic.objects.all(), label=gettext_lazy("Topic"), show_hidden_initial=True)
    case_type = EntryField(CaseType.objects.all(), label=gettext_lazy("Case type"), show_hidden_initial=True)
    priority = EntryField(Priority.objects.all(), label=gettext_lazy("Priority"), show_hidden_initial=True)
    deadline = MomentField(label=gettext_lazy("Deadline"), required=False, show_hidden_initial=True)
    unit = EntryField(Unit.objects.none(), label=gettext_lazy("Unit"), required=False, show_hidden_initial=True)
    contact = forms.ChoiceField(
        label=gettext_lazy("Customer"), required=False, widget=forms.RadioSelect, show_hidden_initial=True
    )
    find = forms.CharField(
        label=gettext_lazy("Find another customer"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("E-mail address, phone number or part of the name."),
    )

    def __init__(self, data: Any = None, *, desk: Desk) -> None:
        #: Fields that somebody else changed as well.
        self.both: list[Both] = []
        super().__init__(None if data is None else taken(data), desk=desk)

    @classmethod
    def fits(cls, case: Case) -> bool:
        """A case that is over has only its custom fields to edit."""
        return case.is_open or CustomField.objects.active().exists()

    def start_values(self) -> dict[str, Any]:
        """The case as it is."""
        case = self.case
        if not case.is_open:
            return {}
        return {
            "heading": case.title,
            "description": case.description,
            "contact": str(case.contact_id or ""),
            "unit": case.unit_id,
            "topic": case.topic_id,
            "case_type": case.case_type_id,
            "priority": case.priority_id,
            "deadline": case.deadline,
        }

    def arrange(self) -> None:
        """Offer what is active; what the case has stays choosable."""
        self._offer_custom()
        if not self.case.is_open:
            for name in (*CHANGES, FIND):
                del self.fields[name]
            return
        for name in ("heading", "description", "unit", "contact"):
            if self.is_bound and name not in self.data:
                del self.fields[name]  # what was not sent stays as it is
        self._offer_units()
        self._offer_contacts()
        self.fields["case_type"].required = self.case.case_type_id is not None
        self.choice("topic").offer(self.desk.topics, current=self.case.topic)
        for name in ("case_type", "priority"):
            self.choice(name).offer(self.desk.entries(name), current=getattr(self.case, name))
        self.fields["deadline"].help_text = _("Empty: only the time to resolve of the SLA counts.")

    def buttons(self) -> list[Button]:
        """Look for the customer without saving."""
        return [Button(gettext_lazy("Find customer"), name="button", value=FIND)] if self.case.is_open else []

    def _offer_units(self) -> None:
        """To move the case takes a right of its own."""
        if "reroute_case" not in self.desk.rights:
            self.fields.pop("unit", None)
        if "unit" not in self.fields:
            return
        unit, allowed = self.choice("unit"), self.desk.units("reroute_case")
        unit.required = self.case.unit_id is not None
        unit.queryset = allowed | Unit.objects.filter(pk=self.case.unit_id or 0)
        unit.offer([(row.pk, row.indented()) for row in allowed], current=self.case.unit)
        unit.help_text = _("The assignee is taken off when the case moves.")

    def _offer_contacts(self) -> None:
        """The customer there is, those who were found, and nobody."""
        if "contact" not in self.fields:
            return
        field = self.fields["contact"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        asked = str(self.data.get(FIND, "")) if self.is_bound else ""
        found = contacts_matching(asked, self.desk.user) if asked.strip() else []
        own = [(str(self.case.contact_id), str(self.case.contact))] if self.case.contact else []
        others = [(str(each.pk), described(each)) for each in found if each.pk != self.case.contact_id]
        field.choices = [*own, *others, ("", _("Nobody"))]
        if asked.strip() and not others:
            self.fields[FIND].help_text = _("Nobody else was found.")

    def clean_description(self) -> str:
        """Browsers send two characters for the end of a line."""
        return str(self.cleaned_data["description"]).replace("\r\n", "\n")

    def perform(self, case: Case, by: Actor) -> bool:
        """Save, or only look for the customer."""
        if self.data.get("button") == FIND:
            self.http_status = 200
            return False
        return super().perform(case, by)

    def _offer_custom(self) -> None:
        """The fields of the case's type."""
        self.customs = self.desk.custom.of_type(self.case.case_type_id)
        for one in self.customs:
            value = self.case.custom.get(one.key, self.case.custom_texts.get(one.key))
            found = custom.field_for(one, self.desk, initial=value, show_hidden_initial=True)
            self.fields[custom.name_of(one)] = found

    def gates(self) -> dict[str, str]:
        """The operation names custom fields by their keys; a form has a title of its own."""
        return {"title": "heading", **custom.gates_of(self.customs)}

    def operate(self, case: Case, by: Actor) -> None:
        """Check all changes against what others did since, then make them."""
        changed = [name for name in CHANGES if name in self.fields and name in self.changed_data]
        filled = [name for name in map(custom.name_of, self.customs) if name in self.changed_data]
        if not changed and not filled:
            raise NothingToChange(_("Nothing was changed."))
        planned = [PLANNED[name] for name in changed]
        keys = tuple(custom.values_of({}, filled))
        self.require_unchanged(case, [*planned, CustomFieldsChanged(changed=keys)] if filled else planned)
        steps = {name: self.cleaned_data[name] for name in changed}
        make_changes(case, steps, by)
        if filled:
            set_custom_fields(case, custom.values_of(self.cleaned_data, filled), by=by)
        if "unit" in steps:  # last: afterwards the case may be out of the person's reach
            reroute_case(case, unit=steps["unit"], team=case.team, by=by)

    def rebase(self, case: Case) -> None:
        """Fields that the person left alone follow the case; those they changed keep their wish."""
        changed = set(self.changed_data)
        super().rebase(case)
        for name, value in self.start_values().items():
            if name not in self.fields:
                continue
            now = self.fields[name].prepare_value(value)
            self._rebase_field(name, ["" if now is None else str(now)], changed)
        self._rebase_custom(changed)

    def _rebase_field(self, name: str, now: list[str], changed: set[str]) -> None:
        """``now`` is what the browser would have sent for the field as it is."""
        other = both(self[name], now) if name in changed else None
        if other is not None:
            self.both.append(other)
        self.data.setlist(self[name].html_initial_name, now)
        if name not in changed:
            self.data.setlist(name, now)

    def _rebase_custom(self, changed: set[str]) -> None:
        """The same for custom fields; several choices are several values."""
        for one in self.customs:
            name = custom.name_of(one)
            value = self.case.custom.get(one.key, self.case.custom_texts.get(one.key))
            now = custom.field_for(one, self.desk, initial=value).initial
            empty = [] if one.kind == FieldKind.CHOICES else [""]
            texts = empty if now is None else [str(each) for each in (now if isinstance(now, list) else [now])]
            self._rebase_field(name, texts, changed)
