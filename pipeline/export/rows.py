"""A call as rows of the exported tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from statistics import fmean

from pipeline.export.columns import Row, Value
from pipeline.records import Judged, Utterance, Verdict
from pipeline.show.language import Language
from pipeline.show.reasons import say, say_group
from pipeline.show.tables import card_cells, verdict_cells
from pipeline.store.extract import Entry
from pipeline.wording.shown import as_shown


def as_it_may_be_shown(entry: Entry, *, unmasked: bool) -> Entry:
    """The call as its reports show it. Where its words were purged nothing is left to show."""
    if entry.call is None:
        return entry
    shown = as_shown(Judged(entry.call, entry.card), unmasked=unmasked)
    return replace(entry, call=shown.call, card=shown.scorecard)


def made_by(entry: Entry) -> dict[str, Value]:
    """The columns that say what made a row."""
    return {
        "recording_sha256": entry.card.recording_id,
        "engine": entry.engine,
        "model": entry.model,
        "weights_sha256": entry.weights_sha256,
        "callqa_version": entry.heard_version,
        "listened_at": entry.listened_at,
        "heard_run": entry.heard_run,
        "standard": entry.card.standard,
        "standard_sha256": entry.card.standard_sha256,
        "judged_version": entry.judged_version,
        "judged_at": entry.judged_at,
        "judged_run": entry.judged_run,
    }


def call_row(entry: Entry) -> Row:
    """The call's row of ``calls``."""
    return {
        **card_cells(entry.card),
        "day": entry.day,
        "started_at": entry.started_at,
        "agent_id": entry.agent_id,
        "line": entry.line,
        "direction": entry.direction,
        "duration_s": entry.duration_ms / 1000,
        "words": "purged" if entry.call is None else "kept",
        **made_by(entry),
    }


def verdict_rows(entry: Entry, titles: Mapping[str, str], language: Language) -> Iterator[Row]:
    """The call's rows of ``verdicts``, in the standard's order."""
    common: dict[str, Value] = {
        "file": entry.card.file,
        "day": entry.day,
        "agent_id": entry.agent_id,
    }
    made = made_by(entry)
    for verdict in entry.card.verdicts:
        yield {**common, **_verdict(verdict, titles, language, entry.call is None), **made}


def utterance_rows(entry: Entry) -> Iterator[Row]:
    """The call's rows of ``utterances``; none where its words were purged."""
    if entry.call is None:
        return
    common: dict[str, Value] = {"file": entry.card.file}
    made = made_by(entry)
    for number, one in enumerate(entry.call.utterances, 1):
        yield {**common, "number": number, **_utterance(one), **made}


def _verdict(
    verdict: Verdict, titles: Mapping[str, str], language: Language, purged: bool
) -> dict[str, Value]:
    return {
        **verdict_cells(verdict),
        "title": titles.get(verdict.clause),
        # the details of a purged call's reasons are gone: they are what was said
        "reason": (say_group if purged else say)(verdict.reason, language),
    }


def _utterance(one: Utterance) -> dict[str, Value]:
    return {
        "start_s": one.span.start_ms / 1000,
        "end_s": one.span.end_ms / 1000,
        "role": one.role,
        "channel": one.channel,
        "text": one.text,
        "probability": round(fmean(word.probability for word in one.words), 4),
    }
