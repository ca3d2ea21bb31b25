"""The forms that both admins show: plain Django model forms; keys are set once, trees keep their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import modelform_factory
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from case_management.bulk.ranks import follow_ranks
from case_management.ui.setup.usage import cannot_deactivate, rules_naming

NAMED = ("name", "key", "description", "position", "is_active")


class SetupForm(forms.ModelForm):  # type: ignore[type-arg]
    """Base of the set-up forms; a door binds it to the person who fills it in with :meth:`acted_on_by`."""

    acting: ClassVar[Any] = None
    #: What fields that the model does not have show to those who only read, by the field's name.
    derived: ClassVar[dict[str, Callable[[Any], Any]]] = {}

    @classmethod
    def acted_on_by(cls, user: Any) -> type[Self]:
        """This form for ``user``: nobody gives what they do not have."""
        return type(cls.__name__, (cls,), {"acting": user})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "position" in self.fields and not self.is_change:
            self.initial["position"] = place_after_all(type(self.instance))
        if "key" in self.fields:
            self.fields["key"].required = False
            self.fields["key"].disabled = self.is_change
            self.fields["key"].help_text = gettext_lazy(
                "Imports, rules and the API use it. Made from the name when left empty; fixed once saved."
            )

    def offer(self, name: str, rows: Any) -> None:
        """Limit a field to these rows; a form that is only read has no fields."""
        if name in self.fields:
            cast("forms.ModelChoiceField[Any]", self.fields[name]).queryset = rows

    @property
    def is_change(self) -> bool:
        """Whether the entry exists already."""
        return not self.instance._state.adding

    def clean(self) -> dict[str, Any]:
        """Fill in the key, and keep what live rules name on offer."""
        cleaned = super().clean() or self.cleaned_data
        if "key" in self.fields and not cleaned.get("key") and cleaned.get("name"):
            cleaned["key"] = free_key(type(self.instance), cleaned["name"])
        if self.is_change and "is_active" in self.changed_data and not cleaned["is_active"]:
            reason = cannot_deactivate(self.stored())
            if reason:
                self.add_error("is_active", reason)
        return cleaned

    def stored(self) -> Any:
        """The entry as the database has it; the form's instance is filled with what was sent."""
        return type(self.instance)._base_manager.get(pk=self.instance.pk)


def free_key(model: type[models.Model], name: str) -> str:
    """A key made from ``name`` that no entry has yet."""
    base = slugify(name)[:50] or "entry"
    taken = set(model._base_manager.filter(key__startswith=base).values_list("key", flat=True))
    return next(key for key in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if key not in taken)


def place_after_all(model: type[models.Model]) -> int:
    """The position after every entry of a list that was put in order; 0 where none ever was."""
    last = model._base_manager.aggregate(last=models.Max("position"))["last"] or 0
    return int(last) + 1 if last else 0


def form_for(model: type[models.Model], *fields: str, base: type[SetupForm] = SetupForm) -> type[SetupForm]:
    """The form of ``model`` with these fields, in this order."""
    return cast("type[SetupForm]", modelform_factory(model, form=base, fields=fields))


class NodeField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A node of a tree, chosen from the tree as it stands."""

    def label_from_instance(self, obj: Any) -> str:
        """The name with its depth."""
        return str(obj.indented())


class TreeForm(SetupForm):
    """A node and the node it hangs below; children stay in alphabetical order where the tree keeps one."""

    derived = {"parent": lambda node: node.get_parent()}
    parent = NodeField(None, required=False, label=gettext_lazy("Below"), empty_label=gettext_lazy("(top level)"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nodes = type(self.instance).objects.order_by("path")
        if self.is_change:
            nodes = nodes.exclude(path__startswith=self.instance.path)
            self.initial.setdefault("parent", getattr(self.instance.get_parent(), "pk", None))
        self.offer("parent", nodes)

    def clean(self) -> dict[str, Any]:
        """A unit's number is what rules call it by."""
        cleaned = super().clean()
        if self.is_change and "number" in self.changed_data and (rules := rules_naming(self.stored())):
            names = ", ".join(map(str, rules))
            self.add_error("number", _("Live rules name this number: %s. Change them first.") % names)
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """Hang the node where it belongs; a tree cannot be saved half, so ``commit`` is not asked."""
        node, parent = self.instance, self.cleaned_data["parent"]
        if not self.is_change:
            self.instance = parent.add_child(instance=node) if parent else type(node).add_root(instance=node)
            return self.instance
        node.save()
        if {"parent", *node.node_order_by} & set(self.changed_data):
            place = "sorted" if node.node_order_by else "last"
            if parent:
                node.move(parent, f"{place}-child")
            else:
                node.move(type(node).get_first_root_node(), f"{place}-sibling")
        return node


class PriorityForm(SetupForm):
    """The default has to be on offer; a new rank reaches the open cases."""

    def clean(self) -> dict[str, Any]:
        """Without a default a case cannot be opened by a rule that names no priority."""
        cleaned = super().clean()
        if cleaned.get("is_default") and not cleaned.get("is_active") and "is_active" not in self.errors:
            self.add_error("is_default", _("The default has to be active."))
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """Give the open cases that the person may change the new rank: few at once, many in the background."""
        has_new_rank = self.is_change and "rank" in self.changed_data
        priority = super().save(commit)
        if has_new_rank:
            follow_ranks(self.acting)
        return priority


class SourceForm(SetupForm):
    """Reopening needs a number of days."""

    def clean_reopen_days(self) -> int:
        """Zero days would never reopen anything."""
        days: int = self.cleaned_data["reopen_days"]
        if self.cleaned_data.get("after_resolve") == "reopen" and not days:
            raise ValidationError(_("Say for how many days a message reopens the case."))
        return days
