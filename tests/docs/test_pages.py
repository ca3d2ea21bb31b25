"""What the documentation shows is true: tables come from the code, code runs, commands exist, links lead somewhere."""

from __future__ import annotations

import re
import tomllib

import pytest
from django.core.management import get_commands

from docs.reference_blocks import ROOT, pages, refreshed

PAGES = [str(page.relative_to(ROOT)) for page in pages()]
CODE = re.compile(r"^(?P<indent> *)```(?P<language>\w+)\n(?P<code>.*?)^ *```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")


def blocks(page, language):
    for found in CODE.finditer((ROOT / page).read_text(encoding="utf-8")):
        if found["language"] == language:
            cut = len(found["indent"])
            yield "\n".join(line[cut:] for line in found["code"].splitlines())


@pytest.mark.parametrize("page", PAGES)
def test_tables_are_what_the_code_says(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert refreshed(text) == text, "run python -m docs.reference_blocks"


@pytest.mark.django_db
@pytest.mark.parametrize("page", [page for page in PAGES if any(blocks(page, "python"))])
def test_python_in_the_pages_runs(page):
    namespace: dict[str, object] = {"__name__": "a_page"}
    for code in blocks(page, "python"):
        exec(compile(code, page, "exec"), namespace)  # noqa: S102 - our own pages


@pytest.mark.parametrize("page", PAGES)
def test_toml_in_the_pages_parses(page):
    for text in blocks(page, "toml"):
        assert tomllib.loads(text)


@pytest.mark.parametrize("page", PAGES)
def test_commands_in_the_pages_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:manage\.py|example_project\.manage) (\w+)", text))
    if page.endswith("commands.md"):
        named |= {found for found in re.findall(r"^\| `(\w+)", text, re.MULTILINE) if found != "gunicorn"}
    assert named <= set(get_commands())


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert [link for link in LINK.findall(text) if not ((ROOT / page).parent / link).exists()] == []
