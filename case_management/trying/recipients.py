"""Who would have been told by a rule: the recipients that its words mean, for cases as they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from case_management.models import Case
from case_management.rules.actions.notify import recipients_of
from case_management.trying.names import Names

#: The entry of an action with ``notify`` (words for recipients), the case as it was, and who caused the occasion.
ToTell = tuple[dict[str, Any], Case, int | None]


def tell(to_tell: list[ToTell], names: Names) -> None:
    """Write the user names into the entries."""
    if not to_tell:
        return
    users = names.of("assignee_id")
    for entry, user_ids in _recipients(to_tell):
        entry["users"] = [users.get(user_id, f"#{user_id}") for user_id in user_ids]


def _recipients(to_tell: list[ToTell]) -> Iterator[tuple[dict[str, Any], list[int]]]:
    """Set-based, a case once per round. Nobody is told of what they did themselves."""
    rounds: dict[tuple[int, tuple[str, ...]], list[ToTell]] = defaultdict(list)
    seen: dict[tuple[int, tuple[str, ...]], int] = defaultdict(int)
    for entry, case, doer in to_tell:
        words = tuple(entry["notify"])
        seen[case.pk, words] += 1
        rounds[seen[case.pk, words], words].append((entry, case, doer))
    for (_number, words), entries in rounds.items():
        found = recipients_of([case for _entry, case, _doer in entries], list(words))
        for entry, case, doer in entries:
            yield entry, sorted(found.get(case.pk, set()) - {doer})
