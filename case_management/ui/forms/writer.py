"""For whom a form was made, said by the form itself: so that a text which outlives its session finds its writer.

The sign lets whoever holds it leave a draft for that person on that case, and nothing else. It ends with the password.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing

from case_management.models import Case

#: Name of the hidden field.
WRITER = "writer"
#: A page that was left open longer than this brings nothing back.
LASTS = timedelta(days=7)
_SALT = "case_management.writer"


def writer_sign(user: Any, case: Case) -> str:
    """What the forms of ``case`` that were made for ``user`` carry."""
    return signing.dumps([user.pk, case.reference, _hash(user)], salt=_SALT)


def writer_of(sign: str, reference: str) -> Any:
    """The active user for whom a form of that case was made; None where nobody was, or not lately."""
    try:
        pk, about, digest = signing.loads(sign, salt=_SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = get_user_model()._default_manager.filter(pk=pk, is_active=True).first()
    return user if user is not None and about == reference and digest == _hash(user) else None


def _hash(user: Any) -> str:
    return str(user.get_session_auth_hash())[:16]
