#!/usr/bin/env python
"""Django's command line for the example site."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Run the command named on the command line."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - the path is set just above

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
