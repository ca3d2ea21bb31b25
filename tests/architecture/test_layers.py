"""The house has one direction: import-linter's contracts in pyproject.toml hold."""

from __future__ import annotations

import subprocess
import sys

import pytest

from example_project.environment import ROOT

WITHOUT_WAGTAIL = """
import sys
import django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
loaded = sorted(name for name in sys.modules if name.split(".")[0] == "wagtail")
print(",".join(loaded))
"""


def test_every_import_goes_down_and_every_library_stays_behind_its_door():
    result = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


@pytest.mark.parametrize("settings", ["example_project.settings_plain"])
def test_a_plain_django_site_never_loads_wagtail(settings, tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_WAGTAIL],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={"DJANGO_SETTINGS_MODULE": settings, "DEMO_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == ""
