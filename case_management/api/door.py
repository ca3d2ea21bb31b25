"""What every address of the API has in common: who may pass, what is read, how errors are answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from case_management.api.parsing import JsonBody
from case_management.api.problems import answer
from case_management.api.serializers import ProblemSerializer


def authenticators() -> Sequence[Any]:
    """The host's choice where it made one, else tokens for programs and sessions for browsers."""
    if "DEFAULT_AUTHENTICATION_CLASSES" in api_settings.user_settings:
        return list(api_settings.DEFAULT_AUTHENTICATION_CLASSES)
    return [TokenAuthentication, SessionAuthentication]


def may(*permissions: str) -> type[BasePermission]:
    """A permission class: the user holds one of these permissions of the package somewhere."""

    class HoldsOne(BasePermission):
        def has_permission(self, request: Any, view: Any) -> bool:
            return any(request.user.has_perm(f"case_management.{name}") for name in permissions)

    return HoldsOne


def problems(**meanings: str) -> dict[int, OpenApiResponse]:
    """Error replies for the description: ``problems(s409="…")``; those that every address has are added."""
    every = {
        "s401": "No valid token or session.",
        "s403": "The user lacks the permission.",
        "s429": "Too many requests; Retry-After says when to come again.",
        "s503": "The database is not available; Retry-After says when to come again.",
    }
    return {
        int(status[1:]): OpenApiResponse(ProblemSerializer, meaning)
        for status, meaning in sorted({**every, **meanings}.items())
    }


class Door(APIView):
    """The base of the API's views; independent of the host's defaults where clients rely on it."""

    authentication_classes = authenticators()
    parser_classes = [JsonBody]
    renderer_classes = [JSONRenderer]
    schema = AutoSchema()

    def get_exception_handler(self) -> Callable[..., Any]:
        """One shape for every error, whatever handler the host has set."""
        return answer
