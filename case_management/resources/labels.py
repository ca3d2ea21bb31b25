"""How lists of names and branches of the topic tree stand in one cell, so that they can be read back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from case_management.models import Topic

BRANCH = " > "
LIST = "; "


def branch(text: str) -> str:
    """A branch in its one spelling: ``Food>Seat`` → ``Food > Seat``."""
    return BRANCH.join(part.strip() for part in text.split(">"))


def topic_labels() -> dict[int, str]:
    """Topic id → the names from the root down; the key where two topics would read the same. One query."""
    step, paths, labels = int(Topic.steplen), dict[str, str](), dict[int, tuple[str, str]]()
    for pk, path, name, key in Topic.objects.order_by("path").values_list("pk", "path", "name", "key"):
        parent = paths.get(path[:-step])
        paths[path] = branch(name if parent is None else f"{parent}{BRANCH}{name}")
        labels[pk] = (paths[path], key)
    often = Counter(label for label, _key in labels.values())
    return {pk: label if often[label] == 1 else key for pk, (label, key) in labels.items()}


def joined(names: Iterable[tuple[str, str]]) -> str:
    """Pairs of name and key as one text; a name that holds the separator is written as its key."""
    return LIST.join(key if LIST.strip() in name else name for name, key in names)


def parted(text: str) -> list[str]:
    """The names of a joined text."""
    return [part for part in (piece.strip() for piece in text.split(LIST.strip())) if part]
