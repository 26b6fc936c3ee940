"""Several texts searched as one, and what was found told apart again.

Most of what a search costs is the same for a short text and for one ten times as long: some hundred
steps over arrays. So texts that are there together are put into one, with a divider between them that
no match reaches across: more characters than may be inserted, and out of bounds for every lexicon.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from pipeline.wording.search import Hit, Hits, Index, Level, search
from pipeline.wording.sound import DIVIDER

MOST_CHARACTERS = 4_000
"""Of texts put together, a quarter of an hour of talk, since arrays grow with it. With 1,000 judging costs a
tenth more, with 10,000 as much."""


def search_together(texts: Sequence[str], index: Index, levels: Sequence[Level]) -> list[Hits]:
    """What :func:`~pipeline.wording.search.search` finds in each of some normalised texts."""
    return [found for group in _groups(texts) for found in _searched(group, index, levels)]


def _searched(texts: Sequence[str], index: Index, levels: Sequence[Level]) -> list[Hits]:
    begun = [0, *accumulate(len(text) + len(DIVIDER) for text in texts)]
    found: list[Hits] = [defaultdict(list) for _ in texts]
    for lexicon, hits in search(DIVIDER.join(texts), index, levels).items():
        for hit, level in hits:
            which = bisect_right(begun, hit.start) - 1
            at = begun[which]
            here = Hit(hit.start - at, hit.end - at, hit.cost, hit.wording)
            found[which][lexicon].append((here, level))
    return found


def _groups(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts in their order, as many together as may be; a longer one by itself."""
    group: list[str] = []
    for text in texts:
        if group and sum(map(len, group)) + len(text) > MOST_CHARACTERS:
            yield group
            group = []
        group.append(text)
    if group:
        yield group
