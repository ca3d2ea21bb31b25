"""What the forms that write mail have in common: files that outlive a refusal, a preview, a signature, a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from case_management.domain.actor import Actor
from case_management.exceptions import FileRefused
from case_management.models import Attachment, Case
from case_management.models.sender import sender_for
from case_management.operations import keep_file
from case_management.ui.forms.base import Button, OperationForm, Place
from case_management.ui.forms.mail_fields import AddressesField, FilesField, KeptField
from case_management.ui.forms.moment import MomentField
from case_management.ui.forms.refusal import text_area
from case_management.wordsmith.signatures import CUSTOM, NONE, signature_choices, signed

#: The button that was pressed.
BUTTON, PREVIEW = "button", "preview"


@dataclass(frozen=True)
class Preview:
    """The mail as its recipients will get it."""

    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    text: str
    files: list[str]


class WritingForm(OperationForm):
    """To, subject, text, files, signature, and when it leaves; subclasses say what becomes of it."""

    place: ClassVar[Place] = Place.TAB
    panel_template: ClassVar[str] = "case_management/forms/_writing.html"

    to = AddressesField(label=_("To"))
    cc = AddressesField(label=_("Cc"), required=False)
    subject = forms.CharField(label=_("Subject"), max_length=250, widget=forms.TextInput(attrs={"dir": "auto"}))
    text = forms.CharField(label=_("Message"), widget=text_area(8))
    signature = forms.ChoiceField(label=_("Signature"), required=False)
    own_words = forms.CharField(
        label=_("Custom signature"), required=False, widget=text_area(3), help_text=_("Used where you chose “Custom”.")
    )
    uploads = FilesField(label=_("Attachments"))
    kept = KeptField(label=_("Files that you added"))
    send_at = MomentField(label=_("Send later"), required=False, help_text=_("Empty: at once."))
    #: Given by the page: what is sent twice under it is one message.
    once = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        self.preview: Preview | None = None
        self.refused_files: list[str] = []
        super().__init__(data, **kwargs)

    def arrange(self) -> None:
        """Offer signatures, and files that were added before."""
        has_own = bool(self.desk.entries("own_signature"))
        choices: list[tuple[str, Any]] = list(signature_choices(has_own, self.desk.entries("signature")))
        choices += [(NONE, _("None")), (CUSTOM, _("Custom"))]
        field = self.fields["signature"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = choices
        self.initial.setdefault("signature", choices[0][0])
        self.initial.setdefault("once", uuid4().hex)
        self._offer_kept(self.desk.entries("unsent"))
        if not self.is_bound and not self.desk.entries("unsent"):
            del self.fields["kept"]

    def _offer_kept(self, pairs: list[tuple[int, str]]) -> None:
        kept = self.fields["kept"]
        assert isinstance(kept, KeptField)  # noqa: S101 - tells the type checker
        kept.offer(self.desk.writing, pairs)

    def buttons(self) -> list[Button]:
        """Look first."""
        return [Button(_("Preview"), name=BUTTON, value=PREVIEW)]

    def perform(self, case: Case, by: Actor) -> bool:
        """Keep what was uploaded, whatever becomes of the rest; then show, or send."""
        self._keep_uploads(case, by)
        if self.data.get(BUTTON) == PREVIEW:
            if self.is_valid():
                self.preview, self.http_status = self.shown(), 200
            return False
        return super().perform(case, by)

    def clean(self) -> dict[str, Any]:
        """Say which files could not be kept."""
        cleaned = super().clean() or self.cleaned_data
        for problem in self.refused_files:
            self.add_error("uploads", problem)
        return cleaned

    def _keep_uploads(self, case: Case, by: Actor) -> None:
        self.data = self.data.copy()
        for upload in self.files.getlist("uploads") if isinstance(self.files, MultiValueDict) else ():
            try:
                kept = keep_file(case, name=upload.name or "", content=upload, right=self.permission(), by=by)
            except FileRefused as error:
                self.refused_files.append(error.message)
            else:
                self.data.appendlist("kept", str(kept.pk))
        self.files = MultiValueDict()
        self._offer_kept(list(self.desk.writing.unsent().order_by("pk").values_list("pk", "name")))

    def gates(self) -> dict[str, str]:
        """The operation speaks of files."""
        return {"files": "uploads"}

    def whole_text(self) -> str:
        """What was written, with the signature."""
        chosen = self.cleaned_data["signature"]
        ending = self.cleaned_data["own_words"] if chosen == CUSTOM else self.desk.writing.ending(chosen)
        return signed(self.cleaned_data["text"], ending)

    def attached(self) -> list[Attachment]:
        """The files that go along."""
        return list(self.cleaned_data.get("kept", ()))

    def attached_names(self) -> list[str]:
        """Their names."""
        return [row.name for row in self.attached()]

    def shown(self) -> Preview:
        """The mail as it would go out now."""
        cleaned = self.cleaned_data
        return Preview(
            sender=sender_for(self.case.unit),
            to=cleaned["to"],
            cc=cleaned["cc"],
            subject=cleaned["subject"],
            text=self.whole_text(),
            files=self.attached_names(),
        )

    def front(self) -> list[forms.BoundField]:
        """The fields that one always needs."""
        return [self[name] for name in self.field_order_front() if name in self.fields]

    def back(self) -> list[forms.BoundField]:
        """The others, which stand folded."""
        front = set(self.field_order_front())
        return [field for field in self.visible_fields() if field.name not in front]

    def field_order_front(self) -> tuple[str, ...]:
        """Names of the fields in front."""
        return ("to", "subject", "text", "uploads", "kept")

    @property
    def back_is_open(self) -> bool:
        """Whether something folded is filled in or wrong."""
        return any(field.errors for field in self.back()) or (self.is_bound and bool(self.data.get("cc")))
