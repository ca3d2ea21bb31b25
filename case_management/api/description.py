"""The OpenAPI description of this API alone, wherever the host has mounted it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.response import Response


class DescriptionView(SpectacularAPIView):
    """Open to everybody: the description is as public as the code."""

    permission_classes = [AllowAny]
    authentication_classes = ()
    urlconf = "case_management.api.urls"
    #: The host's hooks choose among the host's addresses; these are ours, and not yet mounted.
    custom_settings: dict[str, Any] = {"PREPROCESSING_HOOKS": []}

    @extend_schema(exclude=True)
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """YAML, or JSON where the client asks for it."""
        return super().get(request, *args, **kwargs)

    def _get_schema_response(self, request: Any) -> Response:
        found = super()._get_schema_response(request)
        mounted = reverse("case_management_api:schema").removesuffix("schema/")
        found.data = {**found.data, "servers": [{"url": mounted.rstrip("/") or "/"}]}
        return found
