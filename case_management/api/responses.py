"""The addresses under ``responses/``: where clients send what customers said, and ask what became of it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response

from case_management.access import visible_to
from case_management.api.door import Door, may, problems
from case_management.api.receiving import PERMISSION, readable_units, take_in
from case_management.api.serializers import (
    ListReceiptSerializer,
    ReceiptSerializer,
    ResponseSerializer,
    StatusSerializer,
)
from case_management.api.throttles import IntakeThrottle, ReadThrottle
from case_management.intake.replies import KEY_CHARACTERS, once
from case_management.models import Interaction

KEY_HEADER = "Idempotency-Key"

_POSTED = PolymorphicProxySerializer(
    component_name="OneOrManyResponses",
    serializers=[ResponseSerializer, ResponseSerializer(many=True)],
    resource_type_field_name=None,
    many=False,
)
_RECEIPT = PolymorphicProxySerializer(
    component_name="OneOrManyReceipts",
    serializers=[ReceiptSerializer, ListReceiptSerializer],
    resource_type_field_name=None,
    many=False,
)


class ResponsesView(Door):
    """Takes responses in."""

    permission_classes = [may(PERMISSION)]
    throttle_classes = [IntakeThrottle]

    @extend_schema(
        operation_id="receive_responses",
        summary="Send one response, or a list of up to 500",
        description=(
            "Each response is stored once, however often it is sent. A list is taken in as a whole or not at all. "
            f"With an {KEY_HEADER} the first reply is kept and given again, byte by byte; the header may be left out "
            "where every response has an external_id."
        ),
        parameters=[
            OpenApiParameter(
                KEY_HEADER,
                {"type": "string", "minLength": 1, "maxLength": KEY_CHARACTERS},
                OpenApiParameter.HEADER,
                description="Names this request; a repetition under the same name has no second effect.",
            )
        ],
        request=_POSTED,
        responses={
            201: _RECEIPT,
            200: _RECEIPT,
            **problems(
                s400="The body is not JSON.",
                s409="The key, or the external id, was used for something else; or the first request still runs.",
                s413="The body is too large.",
                s415="The body is not application/json.",
                s422="A field is wrong; nothing was stored.",
            ),
        },
    )
    def post(self, request: Any) -> HttpResponse:
        """Store, and answer with the bytes that are kept for a repetition."""
        asked, key = request.data, _idempotency_key(request)
        if key:
            reply = once(request.user, key, asked, lambda: take_in(asked, user=request.user, key=key))
        else:
            with transaction.atomic():
                reply = take_in(asked, user=request.user, key="")
        answered = HttpResponse(reply.body, status=reply.status, content_type="application/json")
        if reply.replayed:
            answered["Idempotency-Replayed"] = "true"
        return answered


def _idempotency_key(request: Any) -> str:
    key = str(request.headers.get(KEY_HEADER, "")).strip()
    if len(key) > KEY_CHARACTERS or not key.isascii() or not key.isprintable():
        message = _("The key has more than %d characters, or characters that are not printable ASCII.")
        raise ValidationError({KEY_HEADER: [ErrorDetail(message % KEY_CHARACTERS, "max_length")]})
    return key


class ResponseView(Door):
    """Says what became of one response."""

    permission_classes = [may(PERMISSION, "view_interaction")]
    throttle_classes = [ReadThrottle]

    @extend_schema(
        operation_id="response_status",
        summary="What became of a response",
        responses={200: StatusSerializer, **problems(s404="There is no such response that you may see.")},
    )
    def get(self, request: Any, source: str, external_id: str) -> Response:
        """State and, where the user may see it, the case."""
        reachable = Q(unit=None) | Q(unit__in=readable_units(request.user))
        rows = Interaction.objects.filter(reachable, source__key=source).select_related("source")
        row = get_object_or_404(rows, external_id=external_id)
        case = visible_to(request.user).filter(pk=row.case_id).values_list("reference", flat=True).first()
        return Response(
            {
                "source": row.source.key,
                "external_id": row.external_id,
                "url": request.path,
                "state": row.state,
                "occurred_at": row.occurred_at,
                "received_at": row.received_at,
                "case": case,
            }
        )
