"""Evidence to listen to: a clip of each verdict's most telling stretch, personal data silenced.

A recording is cut only if its SHA-256 is that of the call in the store: its times, and what is silenced,
belong to just that sound.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from pipeline.errors import RecordingError
from pipeline.export.columns import Row
from pipeline.export.orders import Order, chosen
from pipeline.export.rows import made_by
from pipeline.export.silence import silenced
from pipeline.export.writers import as_text
from pipeline.intake import CLIPS, display_name
from pipeline.listen.audio import LIMITS
from pipeline.listen.clips import Clip, ClipFormat, cut, encoded
from pipeline.places import walk
from pipeline.records import Failure, Span, Verdict
from pipeline.show.files import written_whole, written_whole_bytes
from pipeline.show.tables import guarded
from pipeline.show.verdicts import MANUAL, telling
from pipeline.store import Store
from pipeline.store.extract import Entry

MARGIN_MS = 2_000

COLUMNS = (
    "clip", "file", "clause", "status", "start_s", "end_s", "evidence_start_s", "evidence_end_s",
    "silenced_s", "sha256", "recording_sha256", "engine", "model", "weights_sha256",
    "callqa_version", "standard", "standard_sha256", "judged_version", "judged_run",
)  # fmt: skip
"""Times are of the recording, in seconds; ``silenced_s`` is how much of the clip is silenced."""


LONGEST_MS = 60_000
"""Of a clip that holds several quotes."""


@dataclass(frozen=True, slots=True)
class ClipOrder:
    """Which clips: of the calls of ``calls``, with ``margin_ms`` of sound on either side.

    ``unjudged`` has clips of what was left open as well, checklists for a person excepted.
    A recording must be unpacked within ``decode_s`` seconds.
    """

    calls: Order
    recordings: Path
    form: ClipFormat = "wav"
    margin_ms: int = MARGIN_MS
    unjudged: bool = False
    decode_s: int = LIMITS.decode_s


@dataclass
class Clips:
    """What was cut. ``placeless`` verdicts have no evidence at any time of the recording."""

    written: int = 0
    placeless: int = 0
    failures: list[Failure] = field(default_factory=list)


def export_clips(store: Store, order: ClipOrder, target: Path) -> Clips:
    """Cut the clips into the folder ``target``, with ``clips.csv``, which says what each is.

    A recording that is missing or has changed costs an entry in ``failures``, as does a call whose words
    were purged, since nobody knows any more what to silence.

    Raises:
        UsageError, StoreError, OutputError: as for the tables (:mod:`pipeline.export.orders`)
    """
    done = Clips()
    with written_whole(target / CLIPS) as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for entry in chosen(store, order.calls):
            try:
                for row in _clips(entry, order, target, done):
                    rows.writerow([guarded(as_text(row[name])) for name in COLUMNS])
            except RecordingError as error:
                done.failures.append(
                    Failure(entry.card.file, error.got, error.expected, error.hint)
                )
    return done


def _clips(entry: Entry, order: ClipOrder, target: Path, done: Clips) -> Iterator[Row]:
    """Cut and write a call's clips, and tell of each."""
    verdicts, places = [], []
    for verdict in _asked(entry, order):
        place = _place(verdict)
        if place is None:
            done.placeless += 1
        else:
            verdicts.append(verdict)
            places.append(place)
    if not verdicts:
        return
    hidden: tuple[Span, ...] = ()
    if not order.calls.unmasked:
        if entry.call is None:
            raise RecordingError(
                entry.card.file,
                "a call whose words were purged",
                "the words, to know what to silence",
                "Leave it out, or cut it with --unmasked if everything in it may be heard.",
            )
        hidden = silenced(entry.call)
    spans = [place.padded(order.margin_ms, order.margin_ms) for place in places]
    cuts = _cut(entry, order, spans, hidden)
    names = _names(entry, verdicts, order.form)
    for name, verdict, place, clip in zip(names, verdicts, places, cuts, strict=True):
        if not clip.samples.shape[1]:
            done.placeless += 1
            continue
        content = encoded(clip, order.form)
        with written_whole_bytes(target / name) as file:
            file.write(content)
        done.written += 1
        yield {
            **made_by(entry),
            "clip": name,
            "file": entry.card.file,
            "clause": verdict.clause,
            "status": verdict.status,
            "start_s": clip.span.start_ms / 1000,
            "end_s": clip.span.end_ms / 1000,
            "evidence_start_s": place.start_ms / 1000,
            "evidence_end_s": place.end_ms / 1000,
            "silenced_s": sum(span.overlap_ms(clip.span) for span in hidden) / 1000,
            "sha256": hashlib.sha256(content).hexdigest(),
        }


def _asked(entry: Entry, order: ClipOrder) -> Iterator[Verdict]:
    """The verdicts to cut clips of; of those asked for by clause, where some were."""
    clauses = order.calls.failed
    for verdict in entry.card.verdicts:
        failed = verdict.status == "fail"
        left_open = verdict.status == "unjudged" and verdict.reason.code != MANUAL
        if (failed or (order.unjudged and left_open)) and (
            not clauses or verdict.clause in clauses
        ):
            yield verdict


def _place(verdict: Verdict) -> Span | None:
    """When the most telling evidence sounds, and all that is quoted of the same person within a minute of it;
    else the first that has a time.
    """
    best = telling(verdict)
    spans = [one.span for one in (best, *verdict.evidence) if one is not None and one.span]
    if best is None or best.span is None or not best.quote:
        return spans[0] if spans else None
    whole = best.span
    quoted = [one.span for one in verdict.evidence if one.quote and one.role == best.role]
    for span in sorted(filter(None, quoted), key=partial(_apart_ms, best.span)):
        together = Span(min(whole.start_ms, span.start_ms), max(whole.end_ms, span.end_ms))
        if together.duration_ms <= LONGEST_MS:
            whole = together
    return whole


def _apart_ms(one: Span, other: Span) -> int:
    return abs(one.middle_ms - other.middle_ms)


def _cut(
    entry: Entry, order: ClipOrder, spans: Sequence[Span], hidden: Sequence[Span]
) -> list[Clip]:
    """The clips of one recording, once it is known to be the one that was heard."""
    file = PurePosixPath(entry.card.file)
    if file.is_absolute() or ".." in file.parts:
        raise _refused(entry, "a name that leads out of the folder", "a file below --recordings")
    path = _found(order.recordings, file)
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
            if found != entry.card.recording_id:
                raise _refused(entry, f"SHA-256 {found}", f"{entry.card.recording_id}, as heard")
            return cut(stream, path, spans, hidden, order.decode_s)
    except OSError as error:
        raise _refused(entry, f"cannot be read ({error.strerror})", "the recording") from error


def _found(folder: Path, file: PurePosixPath) -> Path:
    """Where a recording lies that is shown as ``file``: its name may hold what is not shown as it is."""
    path = folder / file
    if "\\x" not in str(file) or path.exists():
        return path
    for root, _, names in walk(folder, lambda _: None):
        for name in names:
            if display_name((root / name).relative_to(folder)) == str(file):
                return root / name
    return path


def _names(entry: Entry, verdicts: Sequence[Verdict], form: ClipFormat) -> list[str]:
    """A name a clip, of the recording's SHA-256 and the clause: file names may hold personal data."""
    start = entry.card.recording_id[:16]
    return [f"{start}_{re.sub(r'[^A-Za-z0-9.-]', '-', one.clause)}.{form}" for one in verdicts]


def _refused(entry: Entry, got: str, expected: str) -> RecordingError:
    return RecordingError(
        entry.card.file, got, expected, "Give the folder that was scored with --recordings."
    )
