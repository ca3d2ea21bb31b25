"""Saved views: lists of cases under a name, one's own and those of one's teams."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from case_management.access import visible_to
from case_management.models import SavedView, Team
from case_management.ui.lists.question import Question
from case_management.ui.shell import Page


def views_for(user: Any) -> Any:
    """The views that ``user`` made, and those shared with the user's teams."""
    mine = Team.objects.filter(members=user).values("pk")
    return SavedView.objects.filter(Q(owner=user) | Q(team__in=mine))


class SavedViewForm(forms.ModelForm):  # type: ignore[type-arg]
    """A name for the list in front of the reader."""

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
        return question.query(panel=None)

    def clean_name(self) -> str:
        """One name, one view."""
        name: str = self.cleaned_data["name"]
        if SavedView.objects.filter(owner=self.instance.owner, name=name).exists():
            raise forms.ValidationError(_("You have a view of this name already; delete it or choose another name."))
        return name


class SaveViewPage(Page):
    """Keeps the reader's filters and order under a name."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save, say so, and go back to the list as it was."""
        form = SavedViewForm(request.POST, user=request.user)
        if form.is_valid():
            view = form.save()
            messages.success(request, _("The view “%s” is saved.") % view.name)
        else:
            messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        query = QueryDict(request.POST.get("query", "")[:1000])
        return redirect(f"{self.shell.reverse('list')}?{urlencode(list(_pairs(query)))}")


def _pairs(query: QueryDict) -> Any:
    return ((key, value) for key, values in query.lists() for value in values)


class DeleteViewPage(Page):
    """Takes one of the reader's own views away."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Delete, say so, and go to the list."""
        view = get_object_or_404(SavedView, pk=pk, owner=request.user)
        view.delete()
        messages.success(request, _("The view “%s” is deleted.") % view.name)
        return redirect(self.shell.reverse("list"))
