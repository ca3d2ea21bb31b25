"""Says in one shape what was wrong with a request: ``{code, message, errors: [{field, message, mend}]}``."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, ErrorDetail, Throttled, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from case_management.exceptions import CaseManagementError

logger = logging.getLogger(__name__)

#: What helps against an error of a field, by the error's code.
MENDS: dict[str, Promise] = {
    "required": gettext_lazy("Add this field."),
    "null": gettext_lazy("Give a value, or leave the field out."),
    "blank": gettext_lazy("Give a value, or leave the field out."),
    "unknown_field": gettext_lazy("Remove the field, or correct its name."),
    "max_length": gettext_lazy("Shorten it."),
    "max_value": gettext_lazy("Give a value on the scale."),
    "min_value": gettext_lazy("Give a value on the scale."),
    "naive": gettext_lazy("Add the offset, such as 2026-03-31T14:30:00+02:00."),
    "value_unknown": gettext_lazy("Use a key or number that exists, or ask an administrator to add it."),
}
_DEFAULT_MEND = gettext_lazy("Correct the value as the description of the API says.")
_TRY_AGAIN_SECONDS = "1"


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """The reply to an error that this package or REST framework raised on purpose; None lets others through."""
    if isinstance(error, CaseManagementError):
        set_rollback()
        return _package_error(error)
    if isinstance(error, OperationalError | InterfaceError):
        set_rollback()
        logger.warning("The database is not available (%s).", type(error).__name__)
        return _unavailable()
    reply = exception_handler(error, context)
    if reply is None:
        return None
    if isinstance(error, ValidationError):
        reply.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        message = _("The request was not taken in: see errors. Nothing was stored.")
        reply.data = problem("validation_failed", message, list(field_errors(error.detail)))
    else:
        reply.data = problem(*_code_and_message(error))
    return reply


def problem(code: str, message: str, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The body of every error."""
    return {"code": code, "message": message, "errors": errors or []}


def _package_error(error: CaseManagementError) -> Response:
    fields = error.details.get("fields", [])
    errors = [{"field": field, "message": error.message, "mend": ""} for field in fields]
    headers = {"Retry-After": _TRY_AGAIN_SECONDS} if error.code == "request_in_flight" else None
    return Response(problem(error.code, error.message, errors), status=error.http_status, headers=headers)


def _unavailable() -> Response:
    message = _("The database is not available at the moment. Nothing was stored; send the request again.")
    return Response(
        problem("unavailable", message),
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        headers={"Retry-After": _TRY_AGAIN_SECONDS},
    )


def _code_and_message(error: Exception) -> tuple[str, str]:
    if isinstance(error, Http404):
        return "not_found", _("There is nothing at this address, or nothing that you may see.")
    if isinstance(error, DjangoPermissionDenied):
        return "permission_denied", _("You may not do this. Ask an administrator for a role that may.")
    if isinstance(error, Throttled):
        seconds = max(1, round(getattr(error, "wait", None) or 1))
        return "throttled", _("Too many requests. Send this one again in %d seconds.") % seconds
    if isinstance(error, APIException):
        return error.default_code if not _is_detail(error) else str(error.get_codes()), str(error.detail)
    return "error", str(error)


def _is_detail(error: APIException) -> bool:
    return isinstance(error.detail, ErrorDetail)


def field_errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """One entry per faulty field; ``3.contact.name`` is a field of the fourth response of a list."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            whole = name == "non_field_errors"
            yield from field_errors(inner, path if whole else f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list) and any(isinstance(each, dict | list) for each in detail):
        for place, inner in enumerate(detail):
            yield from field_errors(inner, f"{path}.{place}" if path else str(place))
    elif isinstance(detail, list):
        for each in detail:
            yield from field_errors(each, path)
    else:
        mend = MENDS.get(getattr(detail, "code", ""), _DEFAULT_MEND)
        yield {"field": path, "message": str(detail), "mend": str(mend)}
