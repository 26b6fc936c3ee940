"""Time: one value, and its algebra. All of listening and judging reckons in these."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec


class Span(msgspec.Struct, frozen=True, order=True):
    """A stretch of time, ``[start_ms, end_ms)``.

    A judgement makes some five hundred, and sorts and compares them: made in C, unlike a dataclass.

    >>> Span(0, 1000).overlap_ms(Span(600, 2000))
    400
    >>> Span(0, 1000).gap_ms(Span(1500, 2000))
    500
    """

    start_ms: int
    end_ms: int

    @classmethod
    def of_seconds(cls, start_s: float, end_s: float) -> Span:
        return cls(round(start_s * 1000), round(end_s * 1000))

    @property
    def duration_ms(self) -> int:
        return max(0, self.end_ms - self.start_ms)

    @property
    def middle_ms(self) -> int:
        return (self.start_ms + self.end_ms) // 2

    def overlap_ms(self, other: Span) -> int:
        # asked some thousand times a call, and comparing is faster than min and max
        start = self.start_ms if self.start_ms > other.start_ms else other.start_ms
        end = self.end_ms if self.end_ms < other.end_ms else other.end_ms
        return end - start if end > start else 0

    def gap_ms(self, other: Span) -> int:
        """Time between the two; 0 when they touch or overlap."""
        return max(0, max(self.start_ms, other.start_ms) - min(self.end_ms, other.end_ms))

    def holds(self, time_ms: int) -> bool:
        return self.start_ms <= time_ms < self.end_ms

    def padded(self, before_ms: int, after_ms: int) -> Span:
        """The span grown on both sides, never before the start of the recording."""
        return Span(max(0, self.start_ms - before_ms), self.end_ms + after_ms)

    def clipped(self, limits: Span) -> Span:
        """The part inside ``limits``; empty (zero length) when there is none."""
        start = min(max(self.start_ms, limits.start_ms), limits.end_ms)
        return Span(start, max(start, min(self.end_ms, limits.end_ms)))


def merge_spans(spans: list[Span], join_ms: int = 0) -> tuple[Span, ...]:
    """Sorted, disjoint spans covering the same time; gaps of at most ``join_ms`` are closed."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start_ms - merged[-1].end_ms <= join_ms:
            merged[-1] = Span(merged[-1].start_ms, max(merged[-1].end_ms, span.end_ms))
        else:
            merged.append(span)
    return tuple(merged)


def gaps(limits: Span, sounds: tuple[Span, ...]) -> Iterator[Span]:
    """What of the limits lies between sounds, which are in order and apart from each other."""
    at = limits.start_ms
    for sound in sounds:
        if sound.end_ms <= at:
            continue
        if sound.start_ms >= limits.end_ms:
            break
        if sound.start_ms > at:
            yield Span(at, sound.start_ms)
        at = sound.end_ms
    if at < limits.end_ms:
        yield Span(at, limits.end_ms)
