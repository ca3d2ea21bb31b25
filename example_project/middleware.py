"""The strict Content-Security-Policy under which the pages of case management work."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def is_strict(path: str) -> bool:
    """Whether the policy covers this path: it does, unless an app of somebody else needs looser rules."""
    if path.startswith(tuple(settings.CSP_STRICT)):
        return True
    return not path.startswith(tuple(settings.CSP_EXEMPT))


class ContentSecurityPolicyMiddleware:
    """Set the header, unless the view has set its own (stricter) one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the header where it applies."""
        response = self.get_response(request)
        if is_strict(request.path):
            response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        return response
