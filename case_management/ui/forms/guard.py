"""The guard of forms that speak to the customer: nobody answers past what was said meanwhile."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.actor import Actor
from case_management.exceptions import NewsArrived
from case_management.models import Case
from case_management.ui.forms.base import OperationForm
from case_management.ui.forms.desk import Desk
from case_management.ui.news import news_since


class GuardedAgainstNews(OperationForm):
    """Stops once when the customer or a colleague wrote since the page was opened, and shows what; then it sends.

    ``seen`` is the number of the last event that the person can have read.
    """

    #: What the button says once the news was shown.
    anyway: ClassVar[str | Promise] = gettext_lazy("Send anyway")

    seen = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, desk: Desk) -> None:
        self._read_up_to: int | None = None
        super().__init__(data, desk=desk)
        self.initial["seen"] = self.case.version

    def _run(self, case: Case, by: Actor) -> str:
        self._require_no_news(case, by)
        return super()._run(case, by)

    def _require_no_news(self, case: Case, by: Actor) -> None:
        """Look with the case locked, so that nothing comes between the look and the deed."""
        seen = self.cleaned_data.get("seen")
        seen = self.cleaned_data["version"] if seen is None else seen
        now: int = Case.objects.select_for_update().values_list("version", flat=True).get(pk=case.pk)
        if now == seen:
            return
        self.news = news_since(case, seen, by.user, "in", "out")
        if self.news:
            self._read_up_to = now
            raise NewsArrived(_("Something was written on this case after you opened it. Read it before you send."))

    def rebase(self, case: Case) -> None:
        """The news stands beside the form now, on the page as the case is: what is sent next is sent knowing it."""
        super().rebase(case)
        if self._read_up_to is not None:
            self.data["seen"] = self.data["version"] = str(self._read_up_to)
