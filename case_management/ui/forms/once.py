"""A form that was sent twice acts once: a double click, a reload or a retry of the same content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction

from case_management.models import IdempotencyKey
from case_management.ui.forms.writer import WRITER

_NOT_CONTENT = {"csrfmiddlewaretoken", WRITER}


def fingerprint(data: Any, *about: str) -> str:
    """A digest of what a person sent; with the version they saw in it, the same words later are new."""
    lists: Mapping[str, list[str]] = dict(data.lists()) if hasattr(data, "lists") else dict(data)
    content = {name: values for name, values in lists.items() if name not in _NOT_CONTENT}
    text = json.dumps([about, content], sort_keys=True, default=str)
    return f"form:{hashlib.sha256(text.encode()).hexdigest()}"


@transaction.atomic
def once(user: Any, key: str, act: Callable[[], str]) -> str:
    """Run ``act`` unless ``key`` of this user was carried out before; its answer, now or then.

    The key is unique in the database and written in the same transaction: requests at the same moment agree.
    """
    try:
        with transaction.atomic():
            held = IdempotencyKey.objects.create(user=user, key=key, request_digest=key[-64:])
    except IntegrityError:
        return IdempotencyKey.objects.get(user=user, key=key).body
    held.body, held.status = act(), 303
    held.save(update_fields=["body", "status"])
    return held.body
