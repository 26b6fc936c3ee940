"""What the store tells of an agent's voice is what earlier calls amount to, and of calm ones only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select, text

from pipeline.judge.dialogue import call_of, dialogue
from pipeline.records import Call, Recording, UsualVoice
from pipeline.store import Store
from pipeline.store.purging import purge_calls, purge_words
from pipeline.store.schema import CallRow, VoiceRow

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ENOUGH = 8
"""Utterances a call, so that five calls are enough."""

RAISED = {"level_db": -15.0, "f0_median_hz": 260.0, "f0_p90_hz": 330.0, "tilt_db": -2.0}
LOW = {"f0_median_hz": 100.0, "f0_p90_hz": 120.0}
AS_WRITTEN_ST, AS_WRITTEN_FLUX_DB = 93.3, 4.0
"""The calm voice of a dialogue: 200 and 240 Hz."""


@pytest.fixture
def store(any_url: str) -> Iterator[Store]:
    with Store(any_url) as opened:
        yield opened


def call(
    identity: str,
    agent_id: str | None = "A01",
    started_at: datetime | None = MORNING,
    voices: Sequence[dict[str, Any]] = ({},) * ENOUGH,
    role: str = "agent",
) -> Call:
    turns: list[dict[str, Any]] = []
    for voice in voices:
        turns += [{role: "請問您住在哪一棟", "voice": voice}, {"customer": "三棟五樓"}]
    record = {"agent_id": agent_id, "started_at": started_at}
    made = call_of(dialogue(turns, record))
    file = f"{identity}.wav"
    return replace(
        made,
        recording=Recording(identity, file, 9, replace(made.recording.record, file=file)),
    )


def flux(value: float) -> tuple[dict[str, Any], ...]:
    """A call whose voices all have so much flux."""
    return ({"flux_db": value},) * ENOUGH


def keep(store: Store, *calls: Call) -> None:
    for one in calls:
        store.keep_call(one)


def days(count: int, **told: Any) -> list[Call]:
    """Calls of one agent on as many days up to the morning before."""
    return [
        call(f"d{at:02}", started_at=MORNING - timedelta(days=at + 1), **told)
        for at in range(count)
    ]


def usual(store: Store, *asked: Call) -> dict[str, UsualVoice]:
    return store.usual_voices([one.recording for one in asked])


def calls_known(store: Store, asked: Call) -> int:
    found = usual(store, asked).get(asked.recording.id)
    return found.calls if found else 0


def test_the_usual_voice_is_the_median_over_calls(store: Store) -> None:
    keep(store, *days(4), call("d4", started_at=MORNING - timedelta(days=9), voices=flux(5.5)))
    spread = round((1.0**2 * 12 / 17) ** 0.5, 3), round((0.2**2 * 12 / 17) ** 0.5, 3)
    assert usual(store, call("today"), call("of another", agent_id="A02")) == {
        "today": UsualVoice(5, 40, AS_WRITTEN_ST, spread[0], AS_WRITTEN_FLUX_DB, spread[1])
    }


def test_few_calls_or_utterances_make_no_usual_voice(store: Store) -> None:
    keep(store, *days(4))
    assert usual(store, call("today")) == {}
    keep(store, call("d9", started_at=MORNING - timedelta(days=9), voices=({},) * 7))
    assert usual(store, call("today")) == {}
    keep(store, call("d8", started_at=MORNING - timedelta(days=8)))
    assert calls_known(store, call("today")) == 6


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        ({}, 6),
        ({"voices": ({},) * 3}, 5),
        ({"voices": ({},) * 8 + (RAISED,)}, 5),
        ({"voices": (RAISED,) * 8}, 6),
        ({"voices": ({},) * 8 + (LOW,)}, 5),
        ({"voices": ({"flux_db": None},) * 8}, 5),
        ({"role": "unknown"}, 5),
        ({"role": "customer"}, 5),
        ({"agent_id": None}, 5),
        ({"started_at": MORNING}, 5),
        ({"started_at": MORNING + timedelta(days=1)}, 5),
        ({"started_at": MORNING.astimezone(timezone(timedelta(hours=8)))}, 5),
        ({"started_at": (MORNING - timedelta(seconds=1)).replace(tzinfo=None)}, 6),
        ({"started_at": None}, 6),
    ],
    ids=[
        "as it should be",
        "says too little",
        "raises the voice",
        "raised throughout: bears no trace of it, and medians bear it",
        "another person",
        "heard by an earlier version",
        "roles unknown",
        "the customer alone",
        "nobody says whose call it is",
        "begins with the call asked about",
        "begins after it",
        "the same by another clock",
        "a time without a zone",
        "nobody knows when",
    ],
)
def test_which_calls_count(store: Store, told: dict[str, Any], counted: int) -> None:
    keep(store, *days(5), call(**{"identity": "x", "started_at": datetime(2026, 2, 1), **told}))
    assert calls_known(store, call("today")) == counted


def test_a_call_is_no_example_for_itself(store: Store) -> None:
    keep(store, *days(5))
    assert usual(store, call("d00", started_at=None)) == {}
    assert calls_known(store, call("today", started_at=None)) == 5


def test_the_latest_fifty_count(store: Store) -> None:
    keep(store, *days(60)[:50])
    newer = usual(store, call("today"))
    keep(store, *(replace_voice(one) for one in days(60)[50:]))
    assert usual(store, call("today")) == newer
    assert newer["today"].calls == 50


def replace_voice(one: Call) -> Call:
    return replace(one, voices=tuple(replace(voice, flux_db=9.0) for voice in one.voices))


def test_a_corrected_call_record_takes_the_voice_along(store: Store) -> None:
    keep(store, *days(5))
    keep(store, *days(5, agent_id="A02"))
    assert calls_known(store, call("today")) == 0
    assert calls_known(store, call("today", agent_id="A02")) == 5
    keep(store, *days(1, agent_id=None))
    assert calls_known(store, call("today", agent_id="A02")) == 0


def test_an_older_store_is_filled_from_the_calls_it_holds(any_url: str) -> None:
    with Store(any_url) as store:
        keep(store, *days(5), call("none", agent_id=None), call("local", started_at=None))
        expected = rows(store)
        with store.database.writing() as session:
            session.execute(text("DROP TABLE voices"))
            session.execute(text("UPDATE alembic_version SET version_num = '0002'"))
            purged = session.get_one(CallRow, "d04")
            purged.call = ""
            broken = session.get_one(CallRow, "d03")
            broken.call = '{"of": "another version"}'
            session.flush()
            for column in ("folder", "met_at"):
                session.execute(text(f"ALTER TABLE calls DROP COLUMN {column}"))
    with Store(any_url) as store:
        assert rows(store) == [row for row in expected if row[0] not in ("d03", "d04")]
        assert len(rows(store)) == 4


def test_a_purge_of_words_leaves_the_voice_and_one_of_calls_does_not(store: Store) -> None:
    keep(store, *days(6))
    before = rows(store)
    purge_words(store.database, ["d00"])
    assert rows(store) == before
    purge_calls(store.database, ["d00", "d01"], MORNING)
    assert rows(store) == before[2:]


def rows(store: Store) -> list[tuple[Any, ...]]:
    with store.database.reading() as session:
        found = session.execute(select(*VoiceRow.__table__.c).order_by(VoiceRow.recording_id))
        return [(row[0], row[1], row[2], *row[4:]) for row in found]
