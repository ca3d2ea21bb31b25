"""User names by primary key, for values that name people: staff at once, anybody else one by one."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.db.models import Q


class UserNames(dict[int, str]):
    """Reads at the first look; who is gone keeps their number."""

    def __missing__(self, pk: int) -> str:
        """Read it."""
        users, name = get_user_model()._default_manager, get_user_model().USERNAME_FIELD
        staff = Q(case_memberships__isnull=False) | Q(is_superuser=True)
        wanted = Q(pk=pk) if self else staff | Q(pk=pk)
        self.update(users.filter(wanted).values_list("pk", name))
        return self.setdefault(pk, str(pk))
