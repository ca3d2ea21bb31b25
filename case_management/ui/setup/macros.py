"""The set-up of macros: whose they are, and the page on which their steps are put together."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access import visible_units
from case_management.access.roles import holds_everywhere
from case_management.access.setting_up import may_set_up
from case_management.bulk.actions import actions
from case_management.bulk.step_words import step_in_words
from case_management.bulk.steps import STEPS
from case_management.models import Case, Macro, Unit
from case_management.models.macro import macros_for
from case_management.ui.bulk.base_form import BulkForm
from case_management.ui.bulk.step_forms import step_form
from case_management.ui.setup.forms import NodeField, SetupForm
from case_management.ui.shell import Crumb, Page

#: More steps than this nobody reads before pressing a key.
MOST_STEPS = 12


def listed_macros(user: Any) -> Any:
    """One's own, those of one's teams, everybody's, and those of units within reach; all shared ones for the head."""
    if holds_everywhere(user, "share_macro"):
        return Macro.objects.select_related("team", "unit", "owner").filter(Q(owner=user) | Q(owner=None))
    return macros_for(user).filter(Q(unit=None) | Q(unit__in=visible_units(user, "view_macro")))


def whose(macro: Macro) -> str:
    """Who has it."""
    if not macro.is_shared:
        return _("only %s") % macro.owner
    return ", ".join(str(part) for part in (macro.team, macro.unit) if part) or _("everybody")


def steps_in_words(macro: Macro) -> str:
    """A line for the list."""
    return " → ".join(str(actions.get(step["action"]).label) for step in macro.steps if step["action"] in actions)


class MacroForm(SetupForm):
    """Name and place; the steps have a page of their own."""

    is_own = forms.BooleanField(
        label=gettext_lazy("Only for me"), required=False, initial=True,
        help_text=gettext_lazy("Otherwise it is for the team and the unit that you choose, or for everybody."),
    )  # fmt: skip
    unit = NodeField(
        Unit.objects.order_by("path"), label=gettext_lazy("Unit"), required=False,
        help_text=gettext_lazy("Offered on cases of this unit and of those below."),
    )  # fmt: skip
    derived = {"is_own": lambda macro: not macro.is_shared}

    class Meta:
        model = Macro
        fields = ("name", "key", "description", "is_own", "team", "unit", "position", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_change:
            self.initial["is_own"] = not self.instance.is_shared
        self.offer("unit", visible_units(self.acting, "view_case").order_by("path"))

    def clean(self) -> dict[str, Any]:
        """What others see is set up by those who may share it."""
        cleaned = super().clean()
        if cleaned.get("is_own"):
            cleaned["team"] = cleaned["unit"] = None
            return cleaned
        wanted = Macro(team=cleaned.get("team"), unit=cleaned.get("unit"))
        if not may_set_up(self.acting, "change" if self.is_change else "add", wanted):
            self.add_error("is_own", _("You may keep macros of your own; ask somebody who may share them here."))
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """Whose it is."""
        self.instance.owner = self.acting if self.cleaned_data["is_own"] else None
        return super().save(commit)


class MacroStepsPage(Page):
    """The steps of one macro: add, move, take out. Nothing needs a script."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post"]  # type: ignore[misc]
    template_name = "case_management/setup/macro_steps.html"
    permission_required = "case_management.change_macro"
    section = ""
    icon = "cogs"

    @cached_property
    def macro(self) -> Macro:
        """One within the reader's reach."""
        macro: Macro = get_object_or_404(listed_macros(self.request.user), pk=self.kwargs["pk"])
        if not may_set_up(self.request.user, "change", macro):
            raise PermissionDenied(str(_("Ask somebody who may change this macro.")))
        return macro

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The steps, and the form of the one that is chosen to be added."""
        macro, chosen = self.macro, request.GET.get("add", "")
        form = self._form(chosen, None) if chosen in STEPS else None
        return self._show(macro, chosen, form)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change one step and come back."""
        macro, chosen = self.macro, request.POST.get("add", "")
        if chosen in STEPS:
            form = self._form(chosen, request.POST)
            if not (form.is_valid() and form.is_complete):
                return self._show(macro, chosen, form, status=422 if form.is_bound else 200)
            self._change(lambda steps: [*steps, {"action": chosen, **form.arguments()}][:MOST_STEPS])
        elif words := request.POST.get("step", "").split():
            self._change(lambda steps: _moved(steps, words))
        messages.success(request, _("The steps are saved."))
        return redirect(self.shell.reverse("macro_steps", macro.pk))

    def _change(self, change: Any) -> None:
        with transaction.atomic():
            locked = Macro.objects.select_for_update().get(pk=self.macro.pk)
            locked.steps = change(locked.steps)
            locked.save(update_fields=["steps"])

    def _form(self, chosen: str, data: Any) -> BulkForm:
        return step_form(chosen, data, user=self.request.user, cases=Case.objects.none())

    def _show(self, macro: Macro, chosen: str, form: BulkForm | None, status: int = 200) -> HttpResponse:
        count = len(macro.steps)
        context = {
            "macro": macro,
            "whose": whose(macro),
            "steps": [
                {"at": at, "words": step_in_words(step), "is_first": at == 0, "is_last": at == count - 1}
                for at, step in enumerate(macro.steps)
            ],
            "choices": [(key, actions.get(key).label) for key in STEPS],
            "chosen": chosen,
            "chosen_label": actions.get(chosen).label if chosen in STEPS else "",
            "form": form,
            "is_full": count >= MOST_STEPS,
            "entry_url": self.shell.entry_url("macro", macro.pk),
        }
        return self.render_to_response(self.get_context_data(**context), status=status)

    def get_page_title(self) -> str:
        """Names the macro."""
        return _("Steps of “%s”") % self.macro.name

    def get_crumbs(self) -> list[Crumb]:
        """Below the list."""
        plural = capfirst(str(Macro._meta.verbose_name_plural))
        return [Crumb(plural, self.shell.entries_url("macro")), Crumb(self.get_page_title())]


def _moved(steps: list[Any], words: list[str]) -> list[Any]:
    """“2 up”, “2 down” or “2 out”; anything else changes nothing."""
    if len(words) != 2 or not words[0].isdecimal() or int(words[0]) >= len(steps):
        return steps
    at, rest = int(words[0]), list(steps)
    step = rest.pop(at)
    if words[1] == "out":
        return rest
    to = {"up": max(at - 1, 0), "down": at + 1}.get(words[1], at)
    return [*rest[:to], step, *rest[to:]]
