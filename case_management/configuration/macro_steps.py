"""The steps of macros: here they name entries by database id, in the file by key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from case_management.bulk.actions import actions
from case_management.bulk.step_words import STEP_LISTS
from case_management.configuration.kind import called_by


def steps_to_plain(_name: str, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With keys; what is there no longer is left out."""
    return [{name: _translated(name, value, _key_of) for name, value in step.items()} for step in steps]


def steps_from_plain(_name: str, steps: Any) -> list[dict[str, Any]]:
    """With ids. Raises ValidationError that names the step and what is missing."""
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise ValidationError(_("Give a list of steps, each in braces."))
    found = []
    for number, step in enumerate(steps, start=1):
        if step.get("action") not in actions:
            raise ValidationError(_("Step %(number)d: there is no action “%(action)s”.") % {
                "number": number, "action": step.get("action"),
            })  # fmt: skip
        found.append({name: _translated(name, value, _id_of) for name, value in step.items()})
    return found


def _translated(name: str, value: Any, translate: Callable[[type[Any], str, Any], Any]) -> Any:
    """Of an argument that names entries each is translated; what nobody has a name for falls out of lists."""
    if name == "assignee":
        model: Any = get_user_model()
        attribute = model.USERNAME_FIELD
    elif name in STEP_LISTS:
        model = STEP_LISTS[name]
        attribute = called_by(model)
    else:
        return value
    if isinstance(value, list):
        return [known for one in value if (known := translate(model, attribute, one)) is not None]
    return None if value is None else translate(model, attribute, value)


def _key_of(model: Any, attribute: str, value: Any) -> Any:
    return model._default_manager.filter(pk=value).values_list(attribute, flat=True).first()


def _id_of(model: Any, attribute: str, value: Any) -> Any:
    found = model._default_manager.filter(**{attribute: str(value)}).values_list("pk", flat=True).first()
    if found is None:
        raise ValidationError(_("There is no “%(name)s” in “%(list)s”.") % {
            "name": value, "list": model._meta.verbose_name_plural,
        })  # fmt: skip
    return found
