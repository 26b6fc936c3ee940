"""Where two speak at once: how exactly it is found, and what an echo on the line does to it.

Data: the stereo samples (synthetic voices, no crosstalk) with the true turns of samples/turns.csv, as
they are and with an echo of each side added to the other (400-3000 Hz, 50 ms late, so many dB down).
Voice activity only: no words, so that kinds are not compared.

    python -m tests.bench.overlap
"""

from __future__ import annotations

from itertools import combinations

import click
from rich.console import Console
from rich.table import Table

from pipeline.intake import take_in
from pipeline.judge.floor import SHORTEST_OVERLAP_MS, SPURT_PAUSE_MS
from pipeline.listen.audio import FloatArray
from pipeline.listen.crosstalk import own_speech
from pipeline.listen.listen import TONE_TAIL_MS
from pipeline.listen.speech import VoiceActivity, tails_ms, without
from pipeline.listen.tones import call_progress
from pipeline.records import Span, merge_spans
from tests.stereo import SAMPLES, leaking, sides, spoken

ECHOES_DB = (None, 35.0, 25.0, 15.0)
EXACT_MS = 200

Voices = tuple[tuple[Span, ...], tuple[Span, ...]]


@click.command(help=__doc__)
def main() -> None:
    activity = VoiceActivity()
    files = [found.recording.file for found in take_in(SAMPLES / "recordings", None).found]
    stereo = {file: samples for file in files if len(samples := sides(file)) == 2}
    table = Table(
        "echo", "crosstalk kept out", "true", "found", "within 0.2 s", "worst edge", "false"
    )
    for down_db in ECHOES_DB:
        heard = {
            file: samples if down_db is None else leaking(samples, down_db)
            for file, samples in stereo.items()
        }
        for kept_out in (False, True):
            rows = [
                _compared(true_overlaps(file), found_overlaps(voices(samples, activity, kept_out)))
                for file, samples in heard.items()
            ]
            edges = [edge for _, met, _ in rows for edge in met]
            table.add_row(
                "none" if down_db is None else f"{down_db:g} dB down",
                "yes" if kept_out else "no",
                str(sum(true for true, _, _ in rows)),
                str(len(edges)),
                str(sum(edge <= EXACT_MS for edge in edges)),
                f"{max(edges, default=0)} ms",
                str(sum(false for _, _, false in rows)),
            )
    Console().print(table)


def true_overlaps(file: str) -> tuple[Span, ...]:
    """Where two turns of a sample sound at once, as they were composed."""
    turns = [turn for turn in spoken("agent", "customer") if turn.file == file]
    return tuple(
        first.span.clipped(second.span)
        for first, second in combinations(turns, 2)
        if first.role != second.role and first.span.overlap_ms(second.span) >= SHORTEST_OVERLAP_MS
    )


def voices(samples: FloatArray, activity: VoiceActivity, kept_out: bool) -> Voices:
    """The speech of both channels, as listening finds it."""
    found = []
    for side in (0, 1):
        own = samples[side]
        tones = call_progress(own, side)
        sounds = without(activity.music(own), tuple(tone.span for tone in tones))
        covered = (*(tone.span.padded(TONE_TAIL_MS, TONE_TAIL_MS) for tone in tones), *sounds)
        speech = without(activity.speech(own), covered)
        if kept_out:
            speech = own_speech(speech, own, samples[1 - side])
        found.append(
            tuple(
                Span(span.start_ms, span.end_ms - tail_ms)
                for span, tail_ms in zip(speech, tails_ms(speech, own), strict=True)
            )
        )
    return found[0], found[1]


def found_overlaps(both: Voices) -> tuple[Span, ...]:
    """Where both channels hold a voice."""
    shared = [
        first.clipped(second)
        for first in both[0]
        for second in both[1]
        if first.overlap_ms(second) >= SHORTEST_OVERLAP_MS
    ]
    # a breath of one of the two does not make two overlaps of one
    return merge_spans(shared, SPURT_PAUSE_MS)


def _compared(true: tuple[Span, ...], found: tuple[Span, ...]) -> tuple[int, list[int], int]:
    """How many there are, by how much the edges of those met are off, and how many are false."""
    edges = []
    for span in true:
        nearest = max(found, key=span.overlap_ms, default=None)
        if nearest is not None and span.overlap_ms(nearest):
            off = (nearest.start_ms - span.start_ms, nearest.end_ms - span.end_ms)
            edges.append(max(map(abs, off)))
    false = sum(not any(one.overlap_ms(span) for span in true) for one in found)
    return len(true), edges, false


if __name__ == "__main__":
    main()
