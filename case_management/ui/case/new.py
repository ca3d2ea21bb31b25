"""The page on which staff open a case by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.domain.actor import Actor
from case_management.exceptions import RightMissing
from case_management.ui.forms.desk import Desk
from case_management.ui.forms.new_case import FIND, SAVE, SAVE_AND_CLOSE, NewCaseForm
from case_management.ui.shell import Page


class NewCasePage(Page):
    """Three buttons: find the customer, save, save and close."""

    template_name = "case_management/new_case.html"
    permission_required = "case_management.add_case"
    page_title = gettext_lazy("New case")
    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """An empty form, but for the customer from whose page the person comes."""
        about = request.GET.get("contact", "")
        form = NewCaseForm(desk=Desk(request.user), about=about)
        if any(str(contact.pk) == about for contact in form.matches):
            form.initial["contact"] = about
        return self._show(form)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Search, or open the case and go to it."""
        button = str(request.POST.get("button", SAVE))
        form = NewCaseForm(request.POST, desk=Desk(request.user), button=button)
        if button == FIND:
            return self._show(form.unchecked(), searched=True)
        try:
            case = form.perform(Actor.from_user(request.user))
        except RightMissing as error:
            form.add_error("unit", error.message)
            return self._show(form, status=error.http_status)
        if case is None:
            return self._show(form, status=form.http_status)
        done = _("Case %s opened and closed.") if button == SAVE_AND_CLOSE else _("Case %s opened.")
        messages.success(request, done % case.reference)
        return redirect(self.shell.reverse("case", case.reference))

    def _show(self, form: NewCaseForm, *, status: int = 200, searched: bool = False) -> HttpResponse:
        context = self.get_context_data(form=form, searched=searched, may_close=self._may_close())
        return self.render_to_response(context, status=status)

    def _may_close(self) -> bool:
        """Whether the second button makes sense for the person at all."""
        rights = ("case_management.resolve_case", "case_management.close_case")
        return all(self.request.user.has_perm(right) for right in rights)
