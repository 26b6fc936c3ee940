"""A call drawn along its time: who spoke when, what else sounded, where the evidence lies.

Positions along time are percent of the call's length, so that the picture stretches with the page
and its letters do not; heights are pixels. Only how many rows of pins are needed depends on a
width, and it is worked out for the narrowest the picture may get.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from pipeline.measured import Overlap
from pipeline.records import Call, EventKind, Judged, Role, Span, Status, merge_spans
from pipeline.show.figures import clock_short
from pipeline.show.verdicts import URGENCY

SILENCE_MS = 3_000
"""Shortest stretch without speech, tone or music that is worth showing."""

PX_PER_S = 2
"""A call of nine minutes still fits the width of a desktop page without scrolling."""
NARROWEST_PX = 640
WIDEST_PX = 12_000
"""Calls longer than 100 minutes get fewer pixels a second, not wider pictures."""

PIN_PX = 22
LANE_PX = 40
LEVEL_PX = 44
EVENT_PX = 24
AXIS_PX = 24

PIN_DIGIT_PX = 6
PIN_MARGIN_PX = 30
THINNEST_PERCENT = 0.25

QUIET_DB = -65
LOUD_DB = -10
"""Foot and head of the loudness curve: below the one lies a line's noise, above the other a shout."""

PX_A_POINT = 2
"""Points of a curve lie at least this far apart: more would not be seen, and every call has two."""

TICK_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
TICK_GAP_PX = 56


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span as drawn: ``left`` and ``width`` in percent of the call."""

    span: Span
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Block:
    """An utterance; ``index`` is its place in the call's utterances."""

    at: Stretch
    index: int
    text: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One role's voice; ``heard`` is where it sounded, with or without decoded words."""

    role: Role
    top_px: int
    heard: tuple[Stretch, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Sound:
    """A tone, music or a blow."""

    kind: EventKind
    at: Stretch


@dataclass(frozen=True, slots=True)
class Curve:
    """How loud a channel is. ``points`` are SVG coordinates: along time to ``width``, 0 is loudest, 100
    quietest. ``role`` is whose channel it is, ``unknown`` where nobody's or both's.
    """

    role: Role
    width: float
    points: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Two voices at once."""

    overlap: Overlap
    at: Stretch


@dataclass(frozen=True, slots=True)
class Pin:
    """Where a verdict found its evidence. Row 0 is nearest to the lanes."""

    clause: str
    status: Status
    at: Stretch
    row: int
    width_px: int
    leftward: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that the picture shows, from top to bottom: pins, lanes, loudness, tones, axis."""

    width_px: int
    pin_rows: int
    pins: tuple[Pin, ...]
    lanes: tuple[Lane, ...]
    sounds: tuple[Sound, ...]
    silences: tuple[Stretch, ...]
    ticks: tuple[tuple[float, str], ...]
    curves: tuple[Curve, ...] = ()
    clashes: tuple[Clash, ...] = ()

    @property
    def lanes_px(self) -> int:
        return self.pin_rows * PIN_PX

    @property
    def levels_px(self) -> int:
        return self.lanes_px + len(self.lanes) * LANE_PX

    @property
    def sounds_px(self) -> int:
        return self.levels_px + (LEVEL_PX if self.curves else 0)

    @property
    def axis_px(self) -> int:
        return self.sounds_px + (EVENT_PX if self.sounds else 0)

    @property
    def height_px(self) -> int:
        return self.axis_px + AXIS_PX


def silences(call: Call) -> tuple[Span, ...]:
    """Stretches of at least :data:`SILENCE_MS` in which neither voice, tone nor music sounds."""
    sounds = [speech.span for speech in call.speech]
    sounds += [utterance.span for utterance in call.utterances]
    sounds += [event.span for event in call.events if event.impact is None]
    edges = [Span(0, 0), *merge_spans(sounds), Span(call.duration_ms, call.duration_ms)]
    gaps = (Span(before.end_ms, after.start_ms) for before, after in pairwise(edges))
    return tuple(gap for gap in gaps if gap.duration_ms >= SILENCE_MS)


def timeline_of(judged: Judged) -> Timeline:
    """The picture of one call."""
    call = judged.call
    width_px = min(max(NARROWEST_PX, call.duration_ms * PX_PER_S // 1000), WIDEST_PX)
    pins = _pins(judged, width_px)
    pin_rows = 1 + max((pin.row for pin in pins), default=-1)
    return Timeline(
        width_px=width_px,
        pin_rows=pin_rows,
        pins=pins,
        lanes=_lanes(call, pin_rows * PIN_PX),
        sounds=tuple(Sound(one.kind, _stretch(one.span, call)) for one in call.events),
        silences=tuple(_stretch(span, call) for span in silences(call)),
        ticks=_ticks(call.duration_ms, width_px),
        curves=_curves(call, width_px),
        clashes=_clashes(judged),
    )


def _stretch(span: Span, call: Call) -> Stretch:
    whole = max(1, call.duration_ms)
    inside = span.clipped(Span(0, whole))
    width = max(THINNEST_PERCENT, 100 * inside.duration_ms / whole)
    left = min(100 * inside.start_ms / whole, 100 - THINNEST_PERCENT)
    return Stretch(span, round(left, 3), round(min(width, 100 - left), 3))


def _lanes(call: Call, top_px: int) -> tuple[Lane, ...]:
    """A lane for each role there is; agent and customer both, once either is told apart."""
    found: set[Role] = {utterance.role for utterance in call.utterances}
    found |= {speech.role for speech in call.speech}
    known: tuple[Role, ...] = () if found == {"unknown"} else ("agent", "customer")
    unknown: tuple[Role, ...] = ("unknown",) if "unknown" in found else ()
    return tuple(
        Lane(
            role=role,
            top_px=top_px + row * LANE_PX,
            heard=tuple(_stretch(one.span, call) for one in call.speech if one.role == role),
            blocks=tuple(
                Block(_stretch(utterance.span, call), index, utterance.text)
                for index, utterance in enumerate(call.utterances)
                if utterance.role == role
            ),
        )
        for row, role in enumerate(known + unknown)
    )


def _curves(call: Call, width_px: int) -> tuple[Curve, ...]:
    """A curve for each channel; none in calls kept before loudness was measured."""
    if call.loudness is None:
        return ()
    curves = []
    for channel, levels in enumerate(call.loudness.channels):
        roles = {speech.role for speech in call.speech if speech.channel == channel}
        many = ceil(len(levels) * PX_A_POINT / width_px)
        points = " ".join(
            f"{start + many / 2:g},{_height(max(levels[start : start + many]))}"
            for start in range(0, len(levels), many)
        )
        role = roles.pop() if len(roles) == 1 else "unknown"
        curves.append(Curve(role, round(call.duration_ms / call.loudness.step_ms, 3), points))
    return tuple(curves)


def _height(level_db: int) -> int:
    within = min(LOUD_DB, max(QUIET_DB, level_db))
    return round(100 * (LOUD_DB - within) / (LOUD_DB - QUIET_DB))


def _clashes(judged: Judged) -> tuple[Clash, ...]:
    overlaps = judged.measures.overlaps if judged.measures else None
    return tuple(Clash(one, _stretch(one.span, judged.call)) for one in overlaps or ())


def _pins(judged: Judged, width_px: int) -> tuple[Pin, ...]:
    """A pin for each piece of evidence that has a time, each in the lowest row with room for it."""
    placed: list[list[tuple[float, float]]] = []
    pins: list[Pin] = []
    for clause, status, span in _evidence(judged):
        at = _stretch(span, judged.call)
        label_px = PIN_MARGIN_PX + PIN_DIGIT_PX * len(clause)
        left_px = at.left / 100 * width_px
        leftward = left_px + label_px > width_px
        start = left_px - label_px if leftward else left_px
        row = _first_free(placed, start, start + label_px)
        pins.append(Pin(clause, status, at, row, label_px, leftward))
    return tuple(pins)


def _evidence(judged: Judged) -> Sequence[tuple[str, Status, Span]]:
    """Evidence to pin, the most urgent first: it gets the rows nearest to the voices."""
    found = [
        (verdict.clause, verdict.status, evidence.span)
        for verdict in judged.scorecard.verdicts
        for evidence in verdict.evidence
        if evidence.span is not None
    ]
    found = list(dict.fromkeys(found))
    return sorted(found, key=lambda pin: (URGENCY.index(pin[1]), pin[2]))


def _first_free(rows: list[list[tuple[float, float]]], start: float, end: float) -> int:
    """Takes ``[start, end)`` in the lowest row with nothing there; adds a row if there is none."""
    for index, taken in enumerate(rows):
        if not _touches(taken, start, end):
            taken.append((start, end))
            return index
    rows.append([(start, end)])
    return len(rows) - 1


def _touches(taken: Iterable[tuple[float, float]], start: float, end: float) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in taken)


def _ticks(duration_ms: int, width_px: int) -> tuple[tuple[float, str], ...]:
    """Places in percent and labels of the axis, as dense as the width has room for."""
    px_per_s = width_px * 1000 / max(1, duration_ms)
    step_s = next((step for step in TICK_STEPS_S if step * px_per_s >= TICK_GAP_PX), 7200)
    times = range(0, duration_ms + 1, step_s * 1000)
    return tuple((round(100 * ms / max(1, duration_ms), 3), clock_short(ms)) for ms in times)
