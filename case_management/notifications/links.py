"""Links for mail and for a host's own pages, into whichever admin the host uses."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

from case_management import conf

#: URL namespace of the workspace in each admin.
NAMESPACES = {"wagtail": "case_management", "django": "admin:case_management"}


def workspace_url(name: str, *args: object) -> str:
    """Absolute address of a workspace page; where that admin is not mounted, the other one's."""
    return conf.base_url() + workspace_path(name, *args)


def workspace_path(name: str, *args: object) -> str:
    """The same without the host; empty where neither admin is mounted."""
    preferred = conf.admin_door()
    for door in (preferred, *(door for door in NAMESPACES if door != preferred)):
        try:
            return reverse(f"{NAMESPACES[door]}:{name}", args=args)
        except NoReverseMatch:
            continue
    return ""
