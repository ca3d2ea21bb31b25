"""The form that opens a case by hand: topic, title and priority, a customer, and, if wanted, its end at once."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access.roles import holds_everywhere
from case_management.domain.actor import Actor
from case_management.exceptions import CaseManagementError, RightMissing
from case_management.models import (
    Case,
    CaseType,
    CloseChannel,
    ClosureReason,
    Contact,
    NoteSubject,
    Priority,
    ResolutionMethod,
    Source,
    Tag,
    Topic,
    Unit,
)
from case_management.models.custom_field import FieldKind
from case_management.operations import (
    CaseDraft,
    Resolution,
    add_note,
    close_case,
    open_case,
    resolve_case,
    tag_case,
)
from case_management.ui.forms import custom
from case_management.ui.forms.contact_search import contact_by_number, contact_for, contacts_matching, described
from case_management.ui.forms.desk import Desk
from case_management.ui.forms.note import note_help
from case_management.ui.forms.once import fingerprint, once
from case_management.ui.forms.refusal import EntryField, RefusableForm, text_area
from case_management.ui.forms.tags import field_name, tags_field

SAVE, SAVE_AND_CLOSE, FIND = "save", "save_and_close", "find"


class NewCaseForm(RefusableForm):
    """``button`` says what the person wants: save, save and close, or only find the customer."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=40)
    topic = EntryField(Topic.objects.all(), label=gettext_lazy("Topic"))
    title = forms.CharField(label=gettext_lazy("Title"), max_length=250, widget=forms.TextInput(attrs={"dir": "auto"}))
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        widget=text_area(),
        help_text=gettext_lazy("What the customer said, in their own words where possible."),
    )
    priority = EntryField(Priority.objects.active(), label=gettext_lazy("Priority"))
    case_type = EntryField(CaseType.objects.active(), label=gettext_lazy("Case type"), required=False)
    source = EntryField(Source.objects.active(), label=gettext_lazy("Source"))
    unit = EntryField(Unit.objects.none(), label=gettext_lazy("Unit"), required=False)
    find = forms.CharField(
        label=gettext_lazy("Find a customer"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("E-mail address, phone number or part of the name."),
    )
    contact = forms.ChoiceField(label=gettext_lazy("Customer"), required=False, widget=forms.RadioSelect)
    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    subject = EntryField(NoteSubject.objects.all(), label=gettext_lazy("Note subject"), required=False)
    note = forms.CharField(label=gettext_lazy("First note"), required=False, widget=text_area(3))
    closure_reason = EntryField(ClosureReason.objects.all(), label=gettext_lazy("Closure reason"), required=False)
    closing_note = forms.CharField(label=gettext_lazy("What was done"), required=False, widget=text_area(3))
    method = EntryField(ResolutionMethod.objects.all(), label=gettext_lazy("Resolution method"), required=False)
    channel = EntryField(CloseChannel.objects.all(), label=gettext_lazy("Close channel"), required=False)

    def __init__(self, data: Any = None, *, desk: Desk, button: str = SAVE, about: str = "") -> None:
        """``about`` is the number of the contact whose page the person comes from."""
        self.desk, self.button, self.note_at_hand = desk, button, "note"
        asked = data.get("find", "") if data else ""
        self.matches: list[Contact] = contacts_matching(asked, desk.user)
        self._add_known(data.get("contact", "") if data else about)
        super().__init__(data, auto_id="cm-new-%s", label_suffix="", initial={"token": secrets.token_urlsafe(12)})
        self._offer_lists()
        self._offer_contacts()
        self.tag_fields = [field_name(group) for group in desk.tag_groups]
        self.fields |= {field_name(group): tags_field(group) for group in desk.tag_groups}
        self.fields["note"].help_text = note_help(desk.settings.note_min_length)
        self._offer_custom()

    def _offer_lists(self) -> None:
        self.choice("unit").queryset = self.desk.units("add_case")
        self.fields["unit"].required = not holds_everywhere(self.desk.user, "add_case")
        offered = [(unit.pk, unit.indented()) for unit in self.desk.units("add_case")]
        self.choice("unit").offer(offered)
        self.choice("topic").offer(self.desk.topics)
        for name in ("priority", "case_type", "source", "subject", "closure_reason", "method", "channel"):
            self.choice(name).offer(self.desk.entries(name))
        self.initial["priority"] = self.desk.default_priority
        self.initial["source"] = self.desk.manual_source
        self.initial["unit"] = offered[0][0] if len(offered) == 1 else None

    def _add_known(self, pk: str) -> None:
        """A contact that was chosen already stays a choice, if the person may see it."""
        if any(str(contact.pk) == pk for contact in self.matches):
            return
        if known := contact_by_number(pk, self.desk.user):
            self.matches.insert(0, known)

    def _offer_contacts(self) -> None:
        field = self.fields["contact"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        found = [(str(contact.pk), described(contact)) for contact in self.matches]
        field.choices = [*found, ("", _("Somebody else, entered below"))]

    def _offer_custom(self) -> None:
        """Every field there is; a script leaves those of the chosen type, the operation refuses the others."""
        for one in self.desk.custom.active:
            everywhere = not self.desk.custom.types[one.pk]
            found = custom.field_for(one, self.desk, required=one.required_to_open and everywhere)
            if one.required_to_open and not everywhere:
                found.help_text = _("Needed to open such a case. %s") % found.help_text
            self.fields[custom.name_of(one)] = found

    @property
    def custom_groups(self) -> list[custom.Group]:
        """The custom fields by case type, for the template."""
        return custom.groups_of(self.desk, self)

    def unchecked(self) -> NewCaseForm:
        """What was typed so far, in a form that does not complain yet."""
        typed = {name: value for name, value in self.data.lists() if name in self.fields}
        fresh = NewCaseForm(desk=self.desk)
        fresh.matches = self.matches
        fresh._offer_contacts()
        many = set(self.tag_fields)
        many |= {custom.name_of(one) for one in self.desk.custom.active if one.kind == FieldKind.CHOICES}
        fresh.initial.update({name: value if name in many else value[-1] for name, value in typed.items()})
        return fresh

    @property
    def tag_bound_fields(self) -> list[Any]:
        """The tags' fields, for the template."""
        return [self[name] for name in self.tag_fields]

    @property
    def closing_is_open(self) -> bool:
        """Somebody began to fill in, or has to mend, what closing needs."""
        names = ("closure_reason", "closing_note", "method", "channel")
        return any(self[name].value() or self[name].errors for name in names)

    def clean(self) -> dict[str, Any]:
        """To close at once takes a reason and a note."""
        cleaned = self.cleaned_data
        if self.button == SAVE_AND_CLOSE:
            for name in ("closure_reason", "closing_note"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("Needed for “Save and close”."))
        return cleaned

    def gates(self) -> dict[str, str]:
        """Tag categories come by their number; there are two notes, of which the last one written was refused."""
        tags = {f"tag:{group.pk}": field_name(group) for group in self.desk.tag_groups}
        return {**tags, **custom.gates_of(self.desk.custom.active), "note": self.note_at_hand}

    def perform(self, by: Actor) -> Case | None:
        """Open the case, once however often the form is sent; None leaves the reasons in ``errors``."""
        if not self.is_valid():
            return None
        try:
            reference = once(by.user, fingerprint(self.data, "new"), lambda: self._open(by).reference)
        except RightMissing:
            raise
        except CaseManagementError as error:
            self.refuse(error)
            return None
        return Case.objects.filter(reference=reference).first()

    def _open(self, by: Actor) -> Case:
        cleaned = self.cleaned_data
        names = ("topic", "title", "description", "priority", "case_type", "source", "unit")
        given = custom.values_of(cleaned, map(custom.name_of, self.desk.custom.active))
        draft = CaseDraft(
            contact=contact_for(cleaned, self.matches), custom=given, **{name: cleaned[name] for name in names}
        )
        case = open_case(draft, by=by)
        chosen = [int(pk) for name in self.tag_fields for pk in cleaned[name]]
        if chosen:
            tag_case(case, add=list(Tag.objects.filter(pk__in=chosen)), by=by)
        if cleaned["note"].strip():
            add_note(case, text=cleaned["note"], subject=cleaned["subject"], by=by)
        if self.button == SAVE_AND_CLOSE:
            self._close(case, by)
        return case

    def _close(self, case: Case, by: Actor) -> None:
        cleaned, self.note_at_hand = self.cleaned_data, "closing_note"
        decided = Resolution(cleaned["closure_reason"], cleaned["closing_note"], cleaned["method"], cleaned["channel"])
        resolve_case(case, decided, by=by)
        close_case(case, by=by)
