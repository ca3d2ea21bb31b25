"""The pages that keep, change and delete saved views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.access import visible_to
from case_management.models import SavedView, Team
from case_management.ui.lists.question import Question
from case_management.ui.saved_views import choose, last_position, move, view_query, views_for
from case_management.ui.shell import Crumb, Page

#: What a query may be long; the column is as wide.
MOST_QUERY = 1000


class SavedViewForm(forms.ModelForm):  # type: ignore[type-arg]
    """A name for a list, the team that sees it too, and the list."""

    class Meta:
        model = SavedView
        fields = ("name", "team", "query")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.owner = user
        self.fields["team"].queryset = Team.objects.active().filter(members=user)  # type: ignore[attr-defined]

    def clean_query(self) -> str:
        """Only a question that can be answered is worth keeping."""
        owner = self.instance.owner
        question = Question(QueryDict(self.cleaned_data["query"]), visible_to(owner), owner)
        if not question.filters.is_valid():
            raise forms.ValidationError(_("These filters cannot be read; mend them before you save the view."))
        return question.query(panel=None, view=None)

    def clean_name(self) -> str:
        """One name, one view."""
        name: str = self.cleaned_data["name"]
        others = SavedView.objects.filter(owner=self.instance.owner, name=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(_("You have a view of this name already; choose another name."))
        return name


class ViewsPage(Page):
    """The reader's views, to put in order; posting keeps the list in front of the reader under a name."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post"]  # type: ignore[misc]
    template_name = "case_management/lists/views.html"
    page_title = gettext_lazy("Saved views")

    def get_crumbs(self) -> list[Crumb]:
        """Below the list."""
        return [Crumb(gettext_lazy("Cases"), self.shell.reverse("list")), Crumb(self.get_page_title())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Own views and those of teams."""
        user: Any = self.request.user
        # Whose they are is said here only.
        views = views_for(user).select_related("owner")
        return super().get_context_data(**kwargs) | {
            "own": [(view, view_query(view)) for view in views if view.owner_id == user.pk],
            "shared": [(view, view_query(view)) for view in views if view.owner_id != user.pk],
            "teams": Team.objects.active().filter(members=user),
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save, say so, and go back to the list as it was."""
        form = SavedViewForm(request.POST, user=request.user)
        form.instance.position = last_position(request.user)
        if form.is_valid():
            view = form.save()
            messages.success(request, _("The view “%s” is saved.") % view.name)
            return redirect(f"{self.shell.reverse('list')}?{view_query(view)}")
        _complain(request, form)
        asked = QueryDict(request.POST.get("query", "")[:MOST_QUERY])
        return redirect(f"{self.shell.reverse('list')}?{asked.urlencode() or 'view=all'}")


class ViewStepPage(Page):
    """One step with one view: pinning and the default are everybody's own, the rest is the owner's."""

    http_method_names: ClassVar[list[str]] = ["post"]  # type: ignore[misc]

    def post(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        """Do it and go back; another's view is as if it were not there."""
        view = views_for(request.user).filter(pk=pk).first()
        is_owner = view is not None and view.owner_id == request.user.pk
        if view is None or step not in STEPS or (step not in FOR_EVERYBODY and not is_owner):
            raise Http404
        with transaction.atomic():
            STEPS[step](self, view)
        goes_to_list = request.POST.get("back") == "list" and step != "delete"
        address = f"{self.shell.reverse('list')}?{view_query(view)}" if goes_to_list else self.shell.reverse("views")
        return redirect(address)

    def pin(self, view: SavedView) -> None:
        """Show it in the menu."""
        choose(self.request.user, view, is_pinned=True)

    def unpin(self, view: SavedView) -> None:
        """Take it out of the menu."""
        choose(self.request.user, view, is_pinned=False)

    def open_with(self, view: SavedView) -> None:
        """Open the list with it."""
        choose(self.request.user, view, is_default=True)
        messages.success(self.request, _("The list opens with the view “%s” from now on.") % view.name)

    def do_not_open_with(self, view: SavedView) -> None:
        """Open the list with everything."""
        choose(self.request.user, view, is_default=False)

    def change(self, view: SavedView) -> None:
        """Another name or team."""
        self._save(view, {"query": view.query, **self.request.POST.dict()})

    def update(self, view: SavedView) -> None:
        """The filters in front of the reader, under the same name."""
        self._save(view, {"name": view.name, "team": view.team_id, "query": self.request.POST.get("query", "")})

    def delete(self, view: SavedView) -> None:
        """Take it away, for the team too."""
        view.delete()
        messages.success(self.request, _("The view “%s” is deleted.") % view.name)

    def up(self, view: SavedView) -> None:
        """One place up."""
        move(view, -1)

    def down(self, view: SavedView) -> None:
        """One place down."""
        move(view, 1)

    def _save(self, view: SavedView, data: dict[str, Any]) -> None:
        form = SavedViewForm(data, instance=view, user=self.request.user)
        if not form.is_valid():
            _complain(self.request, form)
            view.refresh_from_db()
            return
        form.save()
        messages.success(self.request, _("The view “%s” is saved.") % view.name)


FOR_EVERYBODY = ("pin", "unpin", "default", "undefault")
STEPS: dict[str, Callable[[ViewStepPage, SavedView], None]] = {
    "pin": ViewStepPage.pin,
    "unpin": ViewStepPage.unpin,
    "default": ViewStepPage.open_with,
    "undefault": ViewStepPage.do_not_open_with,
    "change": ViewStepPage.change,
    "update": ViewStepPage.update,
    "delete": ViewStepPage.delete,
    "up": ViewStepPage.up,
    "down": ViewStepPage.down,
}


def _complain(request: HttpRequest, form: forms.BaseForm) -> None:
    messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
