"""The base of the forms for wide changes: they know the chosen cases and give plain arguments."""

from __future__ import annotations

from typing import Any

from case_management.ui.forms.desk import Desk
from case_management.ui.forms.refusal import RefusableForm


class BulkForm(RefusableForm):
    """Base, and the form of every action that asks for nothing. ``cases`` are those that were chosen."""

    def __init__(self, data: Any = None, *, user: Any, cases: Any) -> None:
        self.user, self.cases, self.desk = user, cases, Desk(user)
        super().__init__(data, auto_id="cm-bulk-%s", label_suffix="")
        self.arrange()

    @property
    def is_complete(self) -> bool:
        """Whether everything is asked for already; some forms ask in two steps."""
        return True

    def arrange(self) -> None:
        """Give the fields what they offer."""

    def arguments(self) -> dict[str, Any]:
        """What the action is to be carried out with, as JSON: entries by their keys."""
        return {name: _plain(value) for name, value in self.cleaned_data.items()}

    def offer(self, *names: str) -> None:
        """Short lists under the fields of the same names."""
        for name in names:
            self.choice(name).offer(self.desk.entries(name))


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.pk if hasattr(value, "pk") else value
