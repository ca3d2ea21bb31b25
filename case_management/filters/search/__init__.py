"""Search: what one line of text finds among cases, how well each fits, where the words stand, and what was meant.

The list needs three things::

    hits = find(cases, text)                 # hits.cases: a queryset, to be filtered, counted, sorted and paged
    hits.best_first                          # ids, the best first; None when there are too many to rank
    highlights(page_rows, text)              # pk → Highlight(title, customer, snippet), each a tuple of segments
    meant(cases, text)                       # when nothing was found: another wording, and cases that come near

:func:`search` is ``find(cases, text).cases``.
"""

from case_management.filters.search.highlight import Highlight, Marker, Segment, highlights, marked
from case_management.filters.search.hits import MOST_RANKED, Hits, find, search
from case_management.filters.search.meant import Meant, meant
from case_management.filters.search.wanted import Wanted

__all__ = [
    "MOST_RANKED",
    "Highlight",
    "Hits",
    "Marker",
    "Meant",
    "Segment",
    "Wanted",
    "find",
    "highlights",
    "marked",
    "meant",
    "search",
]
