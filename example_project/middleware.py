"""The strict Content-Security-Policy of our pages, and a lock on the dashboard of the queue."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.defaults import permission_denied


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


class QueueDashboardMiddleware:
    """Keep the queue's dashboard to those with its permission.

    django-rq shows it, with buttons that delete and repeat jobs, to everybody who may enter Django's admin.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or refuse."""
        wants_dashboard = request.path.startswith(settings.QUEUE_DASHBOARD)
        if wants_dashboard and request.user.is_authenticated and not request.user.has_perm("django_rq.admin"):
            return permission_denied(request, PermissionDenied("Needs the permission django_rq.admin."))
        return self.get_response(request)
