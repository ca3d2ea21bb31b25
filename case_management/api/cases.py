"""The addresses under ``cases/``: cases that the user may see are read, and their custom fields are set."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView

from case_management.access import visible_to
from case_management.api.case_serializers import CaseDetailSerializer, CaseSerializer
from case_management.api.custom import CaseChangeSerializer, as_values
from case_management.api.door import Door, may, problems
from case_management.api.paging import CasePages
from case_management.api.throttles import ReadThrottle
from case_management.domain.actor import Actor
from case_management.domain.reference import tidy_reference
from case_management.exceptions import NothingToChange
from case_management.filters import CaseFilterSet
from case_management.models import Case
from case_management.operations import set_custom_fields

_PAGING = (CasePages.cursor_query_param, CasePages.page_size_query_param)
_SEVERAL = ("status", "source", "type", "priority", "team", "tag")
_FILTERS = [
    OpenApiParameter(name, str, OpenApiParameter.QUERY, description=str(found.label), many=name in _SEVERAL)
    for name, found in CaseFilterSet.base_filters.items()
]


class CasesDoor(Door):
    """What the list and the single case have in common."""

    permission_classes = [may("view_case")]
    throttle_classes = [ReadThrottle]
    queryset: Any = Case.objects.none()

    def get_queryset(self) -> Any:
        """The cases that the user may see, with everything that is shown of them."""
        return (
            visible_to(self.request.user)
            .with_labels()
            .select_related("closure_reason", "resolution_method", "close_channel", "reopen_reason")
        )


class CasesView(CasesDoor, ListAPIView):  # type: ignore[type-arg]
    """Cases, newest first."""

    serializer_class = CaseSerializer
    pagination_class = CasePages
    filter_backends = ()

    @extend_schema(
        operation_id="list_cases",
        summary="Cases that you may see, newest first",
        parameters=_FILTERS,
        responses={
            200: CaseSerializer(many=True),
            **problems(s404="The cursor is not valid.", s422="A filter is unknown, or its value is."),
        },
    )
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """One page. ``custom_<key>`` asks for custom fields, ``custom_<key>_from`` and ``_to`` for numbers and days."""
        return super().get(request, *args, **kwargs)

    def filter_queryset(self, queryset: Any) -> Any:
        """Narrowed by the same filters as the list that people see."""
        asked = self.request.query_params.copy()
        for name in _PAGING:
            asked.pop(str(name), None)
        found = CaseFilterSet(asked, queryset, user=self.request.user)
        if not found.is_valid():
            raise ValidationError(
                {("" if name == "__all__" else name): list(each) for name, each in found.errors.items()}
            )
        return found.qs


class CaseView(CasesDoor, RetrieveAPIView):  # type: ignore[type-arg]
    """One case."""

    serializer_class = CaseDetailSerializer
    lookup_field = "reference"

    @extend_schema(
        operation_id="read_case",
        summary="One case by its reference",
        parameters=[OpenApiParameter("reference", str, OpenApiParameter.PATH)],
        responses={
            200: CaseDetailSerializer,
            **problems(s404="There is no case with this reference that you may see."),
        },
    )
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The case, with the number of its events."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="change_case",
        summary="Set custom fields of a case",
        parameters=[OpenApiParameter("reference", str, OpenApiParameter.PATH)],
        request=CaseChangeSerializer,
        responses={
            200: CaseDetailSerializer,
            **problems(
                s400="The body is not valid JSON.",
                s404="There is no case with this reference that you may see.",
                s409="The case is closed.",
                s413="The body is too large.",
                s422="A field is unknown, or its value is not of its kind.",
            ),
        },
    )
    def patch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The case as it is then; the same values once more change nothing."""
        change = CaseChangeSerializer(data=request.data)
        change.is_valid(raise_exception=True)
        with suppress(NothingToChange):
            values = as_values(change.validated_data["custom"])
            set_custom_fields(self.get_object(), values, by=Actor.from_api(request.user))
        return self.get(request, *args, **kwargs)

    def get_object(self) -> Any:
        """The case, however its reference was typed."""
        return get_object_or_404(self.get_queryset(), reference=tidy_reference(self.kwargs["reference"]))
