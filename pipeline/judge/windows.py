"""``within`` of a rule -> the stretches of the call it means."""

from __future__ import annotations

from pipeline.judge.calltext import Found
from pipeline.judge.reading import WEAK, Reading
from pipeline.judge.rules import Said, Within
from pipeline.judge.structure import TURN_EDGE_MS, first_turns
from pipeline.records import Role, Span, merge_spans


def windows(
    reading: Reading, within: Within | None, by: Role, occurrence: Span | None
) -> tuple[Span, ...]:
    """Where in the call the words belong: disjoint spans in order of time.

    None at all when ``within.of`` names words that nobody said.
    """
    extent = reading.extent
    if within is None:
        return (Span(0, extent.end_ms + TURN_EDGE_MS),)
    if within.first_turns is not None:
        return (first_turns(reading.call, by, within.first_turns),)
    if within.from_start is not None:
        return (Span(extent.start_ms, extent.start_ms + within.from_start),)
    if within.from_end is not None:
        return (_end_window(reading, by, within.from_end),)
    if within.of is not None:
        anchors = [hit.span for hit in said(reading, within.of, occurrence)]
    else:
        anchors = [occurrence] if occurrence else []
    return merge_spans([_beside(anchor, within) for anchor in anchors])


def reach(reading: Reading, after: int | None, occurrence: Span | None) -> Span:
    """What a demand on sound looks at: the call, or so many milliseconds after an occurrence."""
    if after is None or occurrence is None:
        return Span(0, reading.extent.end_ms + TURN_EDGE_MS)
    return Span(max(0, occurrence.end_ms - TURN_EDGE_MS), occurrence.end_ms + after)


def said(reading: Reading, words: Said, occurrence: Span | None = None) -> tuple[Found, ...]:
    """Where the words of a trigger stand in the transcript, by its role or by nobody knows whom."""
    stretches = windows(reading, words.within, words.by, occurrence)
    hits = [
        hit
        for name in words.lexicons
        for hit in _spoken(reading, name, words.then)
        if hit.role in (words.by, "unknown")
        and any(stretch.holds(hit.span.middle_ms) for stretch in stretches)
    ]
    return tuple(sorted(hits, key=lambda hit: hit.span))


def _spoken(reading: Reading, lexicon: str, then: str | None) -> tuple[Found, ...]:
    """A lexicon's words; or those that the words of another follow, both to the letter and surely heard."""
    if then is None:
        return reading.find(lexicon)
    return reading.pairs(lexicon, then, _is_to_the_letter, stated=True)


def _is_to_the_letter(hit: Found) -> bool:
    return hit.level == "characters" and hit.probability >= WEAK


def _beside(anchor: Span, within: Within) -> Span:
    """Before, after or around something; what stands at its edge counts on both sides."""
    if within.before is not None:
        start = anchor.start_ms - within.before
        return Span(max(0, start), anchor.start_ms + TURN_EDGE_MS)
    if within.after is not None:
        start = anchor.end_ms - TURN_EDGE_MS
        return Span(max(0, start), anchor.end_ms + within.after)
    length_ms = within.around or 0
    return anchor.padded(length_ms, length_ms)


def _end_window(reading: Reading, by: Role, length_ms: int) -> Span:
    """The last seconds of speech, reaching back at least to that person's last utterance."""
    end = reading.extent.end_ms
    start = end - length_ms
    own = [u.span for u in reading.call.utterances if u.role in (by, "unknown")]
    if own:
        start = min(start, own[-1].start_ms)
    return Span(max(0, start), end + TURN_EDGE_MS)
