"""What a response looks like in JSON, and the reply to it."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from case_management.api.fields import Facts, Line, Moment, YesNo
from case_management.intake import Person, Response, UnitName
from case_management.intake.response import (
    COMMENT_CHARACTERS,
    COUNTRY_CHARACTERS,
    EXTERNAL_ID_CHARACTERS,
    LANGUAGE_CHARACTERS,
    NAME_CHARACTERS,
    POINT_CHARACTERS,
    TITLE_CHARACTERS,
    UNIT_NUMBER_CHARACTERS,
)

POINTS = 10
RESPONSES = 500


class Strict(serializers.Serializer):  # type: ignore[type-arg]
    """Refuses names that it does not know, instead of silently losing what stands under them."""

    def to_internal_value(self, data: Any) -> Any:
        """The validated values; unknown names are reported together with the other faults."""
        strange = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        faults: dict[str, Any] = {name: [self._unknown(name)] for name in strange}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            faults = {**error.detail, **faults} if isinstance(error.detail, dict) else faults
            values = {}
        if faults:
            raise ValidationError(faults)
        return values

    def _unknown(self, name: str) -> ErrorDetail:
        near = get_close_matches(name, list(self.fields), n=1)
        message = _("There is no field of this name.")
        if near:
            message += " " + _("Did you mean “%s”?") % near[0]
        return ErrorDetail(message, "unknown_field")


class ContactSerializer(Strict):
    """Who said it; without an external id or an e-mail address a contact is made anew each time."""

    external_id = Line(
        max_length=EXTERNAL_ID_CHARACTERS, required=False, allow_blank=True,
        help_text=gettext_lazy("Your own id of the customer."),
    )  # fmt: skip
    name = Line(max_length=NAME_CHARACTERS, required=False, allow_blank=True)
    emails = serializers.ListField(
        child=serializers.EmailField(max_length=POINT_CHARACTERS), max_length=POINTS, required=False
    )
    phones = serializers.ListField(child=Line(max_length=POINT_CHARACTERS), max_length=POINTS, required=False)
    country = Line(max_length=COUNTRY_CHARACTERS, required=False, allow_blank=True)
    language = Line(max_length=LANGUAGE_CHARACTERS, required=False, allow_blank=True)


class ResponseSerializer(Strict):
    """One thing that a customer said."""

    source = Line(  # type: ignore[assignment]
        max_length=60, help_text=gettext_lazy("Key of the source; it must exist.")
    )
    external_id = Line(
        max_length=EXTERNAL_ID_CHARACTERS, required=False,
        help_text=gettext_lazy("Your own id of the response: the same id is stored once. Needed without a key."),
    )  # fmt: skip
    occurred_at = Moment(required=False, allow_null=True, help_text=gettext_lazy("Default: the time of receipt."))
    unit = Line(
        max_length=UNIT_NUMBER_CHARACTERS, required=False, allow_null=True,
        help_text=gettext_lazy("Number of the unit; it must exist."),
    )  # fmt: skip
    score = serializers.DecimalField(
        max_digits=6, decimal_places=2, min_value=0, max_value=10, required=False, allow_null=True,
        coerce_to_string=False, help_text=gettext_lazy("On a scale that ends at 10."),
    )  # fmt: skip
    recommended = YesNo(required=False, allow_null=True)
    wants_contact = YesNo(required=False, help_text=gettext_lazy("The customer asks to be contacted."))
    title = Line(max_length=TITLE_CHARACTERS, required=False, allow_blank=True)
    comment = serializers.CharField(max_length=COMMENT_CHARACTERS, required=False, allow_blank=True)
    answers = Facts(required=False, help_text=gettext_lazy("Question → answer."))
    visit = Facts(required=False, help_text=gettext_lazy("Facts of the visit."))
    contact = ContactSerializer(required=False, allow_null=True)


def as_response(values: Mapping[str, Any], raw: Mapping[str, Any], spare_id: str) -> Response:
    """What intake takes; ``spare_id`` is used where the client gave no id of its own."""
    fields = {name: value for name, value in values.items() if name not in ("source", "unit", "contact")}
    unit, contact = values.get("unit"), values.get("contact")
    return Response(
        **{"external_id": spare_id, **fields},
        unit=UnitName(unit) if unit else None,
        contact=_person(contact) if contact else None,
        raw=dict(raw),
    )


def _person(values: Mapping[str, Any]) -> Person:
    lists = {name: tuple(values.get(name, ())) for name in ("emails", "phones")}
    return Person(**{**values, **lists})


class ReceiptSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Where a stored response can be found again."""

    source = serializers.CharField()  # type: ignore[assignment]
    external_id = serializers.CharField()
    url = serializers.CharField()


class ListedReceiptSerializer(ReceiptSerializer):
    """One response of a list, and what became of it."""

    outcome = serializers.ChoiceField(
        choices=["new", "known", "conflict"],
        help_text=gettext_lazy("“conflict”: known with other content; what came first is kept."),
    )


class ListReceiptSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """What became of a list of responses."""

    new = serializers.IntegerField()
    known = serializers.IntegerField()
    responses = ListedReceiptSerializer(many=True)


class StatusSerializer(ReceiptSerializer):
    """How far a response is: ``pending`` until the rules have looked at it, then ``done``."""

    state = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    case = serializers.CharField(
        allow_null=True, help_text=gettext_lazy("Reference of its case, if there is one that you may see.")
    )


class FaultSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """What is wrong with one field."""

    field = serializers.CharField()
    message = serializers.CharField()
    mend = serializers.CharField()


class ProblemSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Every error has this shape; ``code`` never changes between releases."""

    code = serializers.CharField()
    message = serializers.CharField()
    errors = FaultSerializer(many=True)  # type: ignore[assignment]
