"""Every address of both admins and of the API, found by walking the resolver, and how each is tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from case_management import models
from case_management.ui.forms import FORMS
from case_management.ui.setup.screens import SCREENS
from tests.access.branch import LURE

#: Where our addresses are mounted in the example site.
MOUNTS = ("admin/cases/", "admin/case-setup/", "django-admin/case_management/", "api/v1/")


@dataclass(frozen=True)
class Probe:
    """One request: the arguments of the address, its query, and what is sent when it is not only read."""

    args: tuple[Any, ...] = ()
    query: str = ""
    sent: dict[str, Any] = field(default_factory=dict)
    kind: str = "post"


@dataclass(frozen=True)
class Address:
    """A named address, as it is reversed; ``page`` is the name that :func:`matrix` knows."""

    name: str
    page: str


def addresses() -> list[Address]:
    """All of them; those that only send the reader on to another one of the admin have no name."""
    found = [address for address in _walk(get_resolver().url_patterns) if address.name]
    assert len(found) > 150, "the walk lost its way"
    return found


def _walk(patterns: list[Any], route: str = "", spaces: tuple[str, ...] = ()) -> Iterator[Address]:
    for pattern in patterns:
        here = route + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, here, (*spaces, pattern.namespace) if pattern.namespace else spaces)
        elif isinstance(pattern, URLPattern) and here.startswith(MOUNTS) and not here.endswith("<path:object_id>/"):
            yield Address(":".join((*spaces, str(pattern.name))), _page(spaces, str(pattern.name)))


def _page(spaces: tuple[str, ...], name: str) -> str:
    """``list`` for a shared page, ``setup topic edit`` for a screen, ``api cases`` for the API."""
    if spaces[-1] == "case_management":
        return name
    if spaces[-1] == "case_management_api":
        return f"api {name}"
    if spaces[-1].startswith("case_setup_"):
        return f"setup {spaces[-1].removeprefix('case_setup_')} {name}"
    model, _dash, view = name.removeprefix("case_management_").rpartition("_")
    return f"setup {model} {view}"


def matrix(branch: SimpleNamespace) -> dict[str, list[Probe]]:
    """Page → how it is tried about ``branch``; an address that is not in it has not been thought about."""
    return {**_shared(branch), **_bulk(branch), **_transfers(branch), **_api(branch), **_setup(branch)}


def _shared(branch: SimpleNamespace) -> dict[str, list[Probe]]:
    reference, unit, person = branch.case.reference, branch.unit.number, branch.person.username
    asked = [
        "", "panel=open", "status=open&panel=open", f"q={LURE}", f"q={reference}",
        f"q={branch.case.external_id}", f"contact={branch.contact.pk}",
        f"q={branch.contact.points.get().value}", f"unit={unit}&panel=open", f"assignee={person}", "escalated=yes",
        "flagged=all", "tag=seat", "status=overdue",
    ]  # fmt: skip
    new = {"title": "x", "name": LURE, "search": LURE, "button": "search", "contact": branch.contact.pk}
    acts = [Probe((reference, verb), sent={"version": "1", "note": "x" * 20, "to": person}) for verb in FORMS]
    return {
        "list": [Probe(query=query) for query in asked],
        "views": [Probe(sent={"name": "Mine", "query": f"q={LURE}", "team": branch.team.pk})],
        "view_delete": [Probe((branch.view.pk,))],
        "view_step": [
            Probe((branch.view.pk, step)) for step in ("pin", "unpin", "start", "up", "down", "share", "rename")
        ],
        "new": [
            Probe(query=f"contact={branch.contact.pk}", sent=new),
            Probe(sent={**new, "search": "Robin", "unit": branch.unit.pk}),
        ],
        **_contacts(branch),
        "dashboard": [Probe(), Probe(query="days=365")],
        "forecast": [Probe(), Probe(query="people=1&day=2026-01-05"), Probe(query="format=json")],
        "alerts": [Probe()],
        "preferences": [Probe(sent={"signature": "mine", "user": branch.person.pk})],
        "entry_merge": [Probe(("topic", branch.case.topic_id), sent={"into": "1", "expected": "1"})],
        "entry_order": [
            Probe((name,), query="moved=1&by=up", sent={"move": f"{key} up"})
            for name, key in (("priority", branch.case.priority_id), ("team", branch.team.pk), ("unit", branch.unit.pk))
        ],
        "case": [
            Probe((reference,)),
            *(Probe((reference,), query=query) for query in ("list=", "part=timeline", "part=panel&do=edit")),
        ],
        "case_compare": [Probe((reference, reference))],
        "calendar_year": [Probe((_calendar(),), query="year=2026&source=country", sent={"source": "file"})],
        "configuration": [Probe((1,), sent={"text": "{}"}), Probe((1,), sent={"text": "{}", "apply": "1"})],
        "configuration_file": [Probe((1,))],
        "macro_steps": [
            Probe((macro.pk,), query="add=note", sent={"add": "flag"}) for macro in (branch.macro, branch.shared_macro)
        ],
        "policy_try": [Probe((1,), sent={"days": "7"}), Probe((1,), sent={"calendar": "1", "name": LURE})],
        "policy_trial": [Probe((1, 1), sent={"do": do}) for do in ("cancel", "resume")],
        "policy_trial_file": [Probe((1, 1), query=f"format={form}") for form in ("csv", "json")],
        "rule_build": [
            Probe((branch.firing.rule_id,), sent={"do": do, "name": LURE, "c.n": "1"}) for do in ("save", "add-leaf c")
        ],
        "rule_findings": [Probe()],
        "rule_shadow": [Probe((branch.firing.rule_id,))],
        "rule_try": [Probe((branch.firing.rule_id,), sent={"days": "7"})],
        "rule_trial": [Probe((branch.firing.rule_id, 1), sent={"do": do}) for do in ("cancel", "resume")],
        "rule_trial_file": [Probe((branch.firing.rule_id, 1), query=f"format={form}") for form in ("csv", "json")],
        "rule_versions": [
            Probe((branch.firing.rule_id,), sent={"do": do, "reason": LURE})
            for do in ("publish", "retire", "refuse", "shadow")
        ],
        "case_macro": [
            Probe((reference, macro.pk), sent={"version": str(branch.case.version)})
            for macro in (branch.macro, branch.shared_macro)
        ],
        "case_responses": [Probe((reference,), query="q=")],
        "case_response": [Probe((reference, branch.response.pk))],
        "case_act": acts,
        "case_file": [Probe((reference, branch.file.pk)), Probe((reference, 1))],
        "case_others": [
            Probe((reference,), query=f"q={LURE}"),
            Probe((reference,), query="q=case&open=1"),
        ],
        "case_people": [Probe((reference,), query=f"q={person[:4]}"), Probe((reference,), query=f"named=@{person}")],
        "case_pulse": [
            Probe((reference,), sent={"seen": "0", "typing": "note"}),
            Probe((reference,), sent={"leaving": "1"}),
        ],
        "case_draft": [
            Probe((reference,), query=f"form={form}", sent={"x": LURE}) for form in ("note", "edit", "none")
        ],
        "next": [Probe(), Probe(query=f"after={reference}")],
        "palette": [Probe(), Probe(query=f"q={LURE}"), Probe(query=f"q={reference}")],
        "statement": [Probe((reference,)), Probe((reference,), query="format=json")],
        "case_why": [
            Probe((reference,), query=query)
            for query in ("", "format=json", "show=assignment", "show=mail", "show=mail&format=json")
        ],
        "case_add": [Probe()],
        "setup case add": [Probe()],
        "setup case change": [Probe((branch.case.pk,))],
        "setup case changelist": [Probe()],
    }


def _calendar() -> int:
    return int(models.BusinessCalendar.objects.get_or_create(name="Office")[0].pk)


def _contacts(branch: SimpleNamespace) -> dict[str, list[Probe]]:
    """A contact's own pages; a merge of a foreign contact is also asked of one's own, and the other way round."""
    key, other = branch.contact.pk, branch.twin.pk
    facts = {"seen": "", "name": "x", "emails": "x@example.org"}
    names = ("Robin", branch.contact.points.get().value, "c-", LURE)
    return {
        "contacts": [Probe(), *(Probe(query=urlencode({"q": name})) for name in names)],
        "contact": [Probe((key,)), Probe((key,), query=f"q={LURE}&sort=newest"), Probe((key,), query="status=open")],
        "contact_said": [Probe((key,))],
        "contact_correct": [Probe((key,), sent=facts)],
        "contact_merge": [
            Probe((key,), query="q=Robin", sent={"other": other}), Probe((key,), query=f"other={other}"),
            Probe((_stranger(key),), query=f"other={key}", sent={"other": key}),
        ],
        "contact_part": [Probe((key, branch.merge.pk)), Probe((_stranger(key), branch.merge.pk))],
    }  # fmt: skip


def _stranger(pk: int) -> int:
    """Another contact than this one."""
    found: int = models.Contact.objects.standing().exclude(pk=pk).order_by("pk").values_list("pk", flat=True)[0]
    return found


def _bulk(branch: SimpleNamespace) -> dict[str, list[Probe]]:
    """Chosen by reference, and “all that match”; previewed and confirmed."""
    chosen = {"scope": "", "case": branch.case.reference}
    found = {"scope": "all", "query": f"q={LURE}"}
    sent = [{"action": action, **which} for action in ("flag", "tag", "resolve", "export") for which in (chosen, found)]
    confirmed = [{**each, "confirm": "1", "expected": "1", "note": "x" * 20, "format": "csv"} for each in sent]
    query = f"action=flag&case={branch.case.reference}"
    return {
        "bulk": [Probe(query=query), Probe(query=f"action=flag&scope=all&query=q%3D{LURE}")]
        + [Probe(query="action=flag", sent=each) for each in (*sent, *confirmed)],
        "changes": [Probe()],
        "change": [Probe((branch.change.pk,), sent={"undo": "1"}), Probe((branch.change.pk,), query="page=1")],
        "change_receipt": [Probe((branch.change.pk,), query="format=csv")],
    }


def _transfers(branch: SimpleNamespace) -> dict[str, list[Probe]]:
    return {
        "exports": [Probe(sent={"format": "csv", "query": f"q={LURE}"})],
        "export_download": [Probe((branch.export.pk,), query="key=x")],
        "imports": [Probe()],
        "import": [Probe((branch.batch.pk,), sent={"start": "1"})],
        "import_refused": [Probe((branch.batch.pk,), query="format=csv")],
    }


def _api(branch: SimpleNamespace) -> dict[str, list[Probe]]:
    body = {
        "source": branch.case.source.key, "external_id": branch.interaction.external_id, "title": "x", "comment": "x",
        "occurred_at": "2026-01-01T00:00:00Z", "unit": branch.unit.number,
    }  # fmt: skip
    queries = ("", f"q={LURE}", f"unit={branch.unit.number}", "status=open", f"assignee={branch.person.username}")
    return {
        "api cases": [Probe(query=query) for query in queries],
        "api case": [
            Probe((branch.case.reference,)),
            Probe((branch.case.reference,), kind="patch", sent={"title": "x"}),
        ],
        "api responses": [Probe(sent=body)],
        "api response": [
            Probe((branch.case.source.key, branch.interaction.external_id)),
            Probe((branch.case.source.key, branch.interaction.external_id), kind="put", sent=body),
        ],
        "api schema": [Probe()],
    }


def _setup(branch: SimpleNamespace) -> dict[str, list[Probe]]:
    """The lists once with a search, each form and page of an entry with the branch's own row where there is one."""
    own = {
        "notification": branch.notification, "rulefiring": branch.firing, "importbatch": branch.batch,
        "exportjob": branch.export, "membership": branch.membership, "unit": branch.unit, "team": branch.team,
        "macro": branch.macro,
    }  # fmt: skip
    tried: dict[str, list[Probe]] = {}
    for screen in SCREENS:
        key = own[screen.name].pk if screen.name in own else _first(screen)
        for view in ("index", "index_results", "changelist"):
            tried[f"setup {screen.name} {view}"] = [Probe(query=f"q={LURE}"), Probe()]
        for view in ("add", "retry_all"):
            tried[f"setup {screen.name} {view}"] = [Probe(sent={"name": "x"})]
        for view in ("edit", "change", "delete", "history", "history_results", "inspect", "retry"):
            tried[f"setup {screen.name} {view}"] = [Probe((key,), sent={"deactivate": "1", "post": "yes"})]
    return tried


def _first(screen: Any) -> int:
    found: int = screen.model._base_manager.order_by("pk").values_list("pk", flat=True).first() or 1
    return found


def url_of(address: Address, probe: Probe) -> str:
    """The whole address of a probe."""
    url = reverse(address.name, args=probe.args)
    return f"{url}?{probe.query}" if probe.query else url
