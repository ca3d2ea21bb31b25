"""What the views behind the set-up screens share: their screen, the rows and the rights of the reader."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from case_management.access.setting_up import SetUp
from case_management.models import Settings
from case_management.ui.setup.ledgers import RETRY_RIGHT
from case_management.ui.setup.screen import Screen


class OfScreen:
    """What a view asks its screen; mixed into Wagtail's generic views."""

    screen: Screen = cast("Screen", None)  # as_view() sets what the class has
    request: HttpRequest

    def rows(self) -> Any:
        """The rows that the reader may see."""
        return self.screen.rows_for(self.request.user)

    def row(self, pk: Any) -> Any:
        """One of them, or 404; the settings are there before anybody saved them."""
        if self.screen.is_single:
            return Settings.load()
        return get_object_or_404(self.rows(), pk=pk)

    @cached_property
    def set_up(self) -> SetUp:
        """What the reader may add, change and delete, of all entries of the page."""
        return SetUp(self.request.user)

    def user_has_permission(self, permission: str) -> bool:
        """Whether there may be an entry on which the reader holds it."""
        return self.set_up.may(permission, self.screen.model)

    def user_has_permission_for_instance(self, permission: str, instance: Any) -> bool:
        """Whether the reader holds it on this entry."""
        return self.set_up.may(permission, instance)

    def require(self, permission: str, entry: Any) -> Any:
        """The entry, for those who hold the right on it."""
        if not self.set_up.may(permission, entry):
            raise PermissionDenied
        return entry

    def name(self, view: str) -> str:
        """The name of another address of this screen."""
        return f"case_setup_{self.screen.name}:{view}"

    def may_retry(self) -> bool:
        """Whether the reader may send dead rows on their way again."""
        return bool(self.screen.revive and self.request.user.has_perm(RETRY_RIGHT))
