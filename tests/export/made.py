"""Stores to export from: a few calls with personal data in what is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import update

from pipeline.records import Evidence, Judged, Reason, Span, Verdict
from pipeline.store import Store
from pipeline.store.schema import CallRow, ScorecardRow
from tests.show.build import GREETING, NO_FAREWELL, TALK, judged, utterance

HEARD = datetime(2026, 3, 9, 20, 15, tzinfo=UTC)
JUDGED = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)

NUMBER = "0912345678"
HIDDEN = "＊" * 10

SAID_NUMBER = Verdict(
    "4.1.8.2",
    "fail",
    Reason.of("voice_raised", count=1),
    (Evidence(Span(4_000, 6_600), "customer", f"我的電話{NUMBER}", 8.5, 6.0, "dB"),),
    0.7,
)
RUN_ME = Verdict(
    "4.2.5.1", "unjudged", Reason.of("manual", what="制服"), (Evidence(quote="=1+1"),), 0.5
)

ONE = judged(
    "lobby/1.wav",
    verdicts=(GREETING, NO_FAREWELL, SAID_NUMBER, RUN_ME),
    talk=(*TALK, utterance("customer", 4_000, f"我的電話{NUMBER}")),
)
TWO = judged("=2.wav", 100.0, verdicts=(GREETING,), flags=(), agent_id=None)
THREE = judged("3.wav", None, verdicts=(), flags=("no_speech",), agent_id="A09")


def keep(store: Store, calls: Sequence[Judged] = (ONE, TWO, THREE)) -> None:
    """The calls in a store, heard and judged at times that are always the same."""
    for one in calls:
        store.keep_call(one.call)
    store.keep_scorecards([one.scorecard for one in calls])
    with store.database.writing() as session:
        session.execute(update(CallRow).values(listened_at=HEARD))
        session.execute(update(ScorecardRow).values(judged_at=JUDGED))


def begun(one: Judged, started_at: datetime | None) -> Judged:
    """The same call at another time, or at one nobody knows."""
    recording = one.call.recording
    record = replace(recording.record, started_at=started_at)
    return replace(one, call=replace(one.call, recording=replace(recording, record=record)))
