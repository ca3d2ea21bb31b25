"""What became of promises, before and after: in how many cases, and which share was kept in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from case_management.models.sla import SlaMetric
from case_management.trying.result import Tally

#: What a promise can come to: kept in time, missed, not over yet, or not made.
OUTCOMES = ("kept", "missed", "running", "none")


@dataclass(frozen=True)
class Outcomes:
    """The clocks of one metric: how many came to what, as it was and as it would have been."""

    metric: str
    before: dict[str, int]
    after: dict[str, int]

    @property
    def shares(self) -> tuple[float | None, float | None]:
        """Kept among kept and missed, before and after; None where there are none."""
        return _share(self.before), _share(self.after)


def outcomes(tally: Tally, *, touched_only: bool = False) -> Iterator[Outcomes]:
    """By metric, over the cases that the policy touches and, unless ``touched_only``, those beside them."""
    for metric in SlaMetric.values:
        before, after = dict.fromkeys(OUTCOMES, 0), dict.fromkeys(OUTCOMES, 0)
        for name, count in tally.group(f"kept.{metric}").items():
            was, _arrow, would_be = name.partition(" → ")
            before[was] += count
            after[would_be] += count
        for name, count in () if touched_only else tally.group(f"beside.{metric}").items():
            before[name] += count
            after[name] += count
        if any(before[name] or after[name] for name in OUTCOMES[:-1]):
            yield Outcomes(metric, before, after)


def on_time(tally: Tally) -> Iterator[tuple[str, float | None, float | None]]:
    """By metric the share kept in time over all cases of the span, before and after, to four digits."""
    for each in outcomes(tally):
        before, after = each.shares
        yield each.metric, _rounded(before), _rounded(after)


def _share(counts: dict[str, int]) -> float | None:
    over = counts["kept"] + counts["missed"]
    return counts["kept"] / over if over else None


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
