"""Who bears a name is whoever was met last under it, whatever the clocks said that met the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from pipeline.records import Failure, Judged
from pipeline.store import Bearers, Store
from pipeline.store.schema import CallRow, FailureRow, now
from tests.show.build import OUTLINE, judged

MONDAY, TUESDAY = "/calls/monday", "/calls/tuesday"
FIRST, SECOND = "1" * 64, "2" * 64
UNHEARD = Failure("a.wav", "no sound", "a sound file", "Record it anew.", "3" * 64)
YEAR = timedelta(days=365)


@pytest.fixture
def store(any_url: str) -> Iterator[Store]:
    with Store(any_url) as opened:
        yield opened


def sound(identity: str) -> Judged:
    """A call of such a sound, always under one name."""
    one = judged("a.wav")
    recording = replace(one.call.recording, id=identity)
    call = replace(one.call, recording=recording)
    return replace(one, call=call, scorecard=replace(one.scorecard, recording_id=identity))


def meet(store: Store, identity: str, folder: str) -> None:
    one = sound(identity)
    with store.run("score", "{}", OUTLINE) as run:
        store.keep_scored(run, one.call, (), one.scorecard, folder)


def fail(store: Store, folder: str, failure: Failure = UNHEARD) -> None:
    with store.run("score", "{}", OUTLINE) as run:
        run.fail(failure, folder)


def a_year_ahead(store: Store) -> None:
    """All that was met and has failed so far was so by a clock that was ahead."""
    with store.database.writing() as session:
        session.execute(update(CallRow).values(met_at=now() + YEAR))
        session.execute(update(FailureRow).values(last_at=now() + YEAR))


def test_a_call_takes_the_name_from_one_that_a_clock_ahead_met(store: Store) -> None:
    meet(store, SECOND, MONDAY)
    a_year_ahead(store)
    for last, before in ((FIRST, SECOND), (SECOND, FIRST), (FIRST, SECOND)):
        meet(store, last, MONDAY)
        assert store.bearers() == Bearers({"a.wav": last}, frozenset({before}))
        found = store.find("a.wav")
        assert found is not None and found.call == sound(last).call


def test_a_call_that_is_kept_by_itself_takes_it_too(store: Store) -> None:
    store.keep_call(sound(SECOND).call)
    a_year_ahead(store)
    store.keep_call(sound(FIRST).call)
    assert store.bearers() == Bearers({"a.wav": FIRST}, frozenset())


def test_a_call_takes_it_from_one_of_another_folder_and_replaces_none_there(store: Store) -> None:
    meet(store, SECOND, MONDAY)
    a_year_ahead(store)
    meet(store, FIRST, TUESDAY)
    assert store.bearers() == Bearers({"a.wav": FIRST}, frozenset())


def test_a_call_that_nobody_took_the_name_from_is_met_by_the_clock_as_it_is(store: Store) -> None:
    meet(store, FIRST, MONDAY)
    a_year_ahead(store)
    meet(store, FIRST, MONDAY)
    with store.database.reading() as session:
        met_at = session.scalars(select(CallRow.met_at)).one()
    assert met_at is not None and met_at <= now()


@pytest.mark.parametrize("failure", [UNHEARD, replace(UNHEARD, recording_id=None)])
def test_what_fails_replaces_a_call_that_a_clock_ahead_met(store: Store, failure: Failure) -> None:
    meet(store, FIRST, MONDAY)
    a_year_ahead(store)
    fail(store, MONDAY, failure)
    assert store.bearers() == Bearers({"a.wav": FIRST}, frozenset({FIRST}))
    assert [one.failure for one in store.troubles()] == [failure]


@pytest.mark.parametrize("failure", [UNHEARD, replace(UNHEARD, recording_id=None)])
def test_a_call_is_met_after_what_failed_by_a_clock_that_was_ahead(
    store: Store, failure: Failure
) -> None:
    fail(store, MONDAY, failure)
    a_year_ahead(store)
    meet(store, FIRST, MONDAY)
    assert store.bearers() == Bearers({"a.wav": FIRST}, frozenset())
    assert store.troubles() == ()
