"""The demo shows every state that a case can be in, whenever it is seeded."""

from __future__ import annotations

from itertools import islice, pairwise

from case_management.testing.demo.lives import dealt


def test_a_handful_of_lots_reaches_every_part_of_the_range():
    lots = list(islice(dealt(), 300))
    for start in range(len(lots) - 8):
        few = sorted([0, *lots[start : start + 8], 1])
        assert max(after - before for before, after in pairwise(few)) < 0.24
        assert any(0.6 < lot <= 0.75 for lot in lots[start : start + 8]), "an escalated one is among eight open cases"
