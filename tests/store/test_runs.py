"""Runs on one store: of several only one has a recording in hand, and a dead one's are known as such."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import update

from pipeline import __version__
from pipeline.errors import StoreError, UsageError
from pipeline.records import Failure, Outline
from pipeline.store import ATTEMPTS, Claim, Run, Store, Trouble
from pipeline.store.database import PATIENCE_S
from pipeline.store.runs import GONE_AFTER, _ours
from pipeline.store.schema import FailureRow, RunRow, now
from tests.show.build import judged

OUTLINE = Outline("property-reception", "前台", "5" * 64, (), ())
BROKEN = Failure("a.wav", "no sound", "a sound file", "Record it anew.", "a" * 64)
UNNAMED = Failure("b.wav", "an empty file (0 bytes)", "a sound file", "Remove it.")


@pytest.fixture
def store(any_url: str) -> Iterator[Store]:
    with Store(any_url) as opened:
        yield opened


def run(store: Store) -> Run:
    return store.run("score", "{}", OUTLINE)


def test_of_two_runs_one_has_a_recording_in_hand(store: Store) -> None:
    with run(store) as first, run(store) as second:
        assert first.claim("a") is Claim.OURS
        assert (first.claim("a"), second.claim("a")) == (Claim.OURS, Claim.HELD)
        assert second.claim("b") is Claim.OURS
        first.release("a")
        assert second.claim("a") is Claim.OURS


def test_a_run_that_ends_lets_go(store: Store) -> None:
    with run(store) as first:
        first.claim("a")
    with run(store) as second:
        assert second.claim("a") is Claim.OURS


@pytest.mark.parametrize(
    ("error", "claim"),
    [
        (KeyboardInterrupt(), Claim.OURS),
        (UsageError("x", "y", "z", "w"), Claim.OURS),
        (ZeroDivisionError(), Claim.SUSPECT),
    ],
)
def test_a_recording_is_suspect_when_a_bug_ended_the_run(
    store: Store, error: BaseException, claim: Claim
) -> None:
    with pytest.raises(type(error)), run(store) as first:
        first.claim("a")
        raise error
    with run(store) as second:
        assert second.claim("a") is claim


def _claim_and_wait(url: str, line: Connection) -> None:
    with Store(url) as store, run(store) as mine:
        mine.claim("a")
        line.send("claimed")
        line.recv()


def test_a_killed_run_leaves_suspects(store: Store, any_url: str) -> None:
    spawn = get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_claim_and_wait, args=(any_url, theirs))
    process.start()
    assert ours.recv() == "claimed"
    with run(store) as other:
        assert other.claim("a") is Claim.HELD
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        assert other.claim("a") is Claim.SUSPECT
        assert other.claim("a") is Claim.OURS


def elsewhere(store: Store, seen_before: timedelta) -> None:
    """All runs so far are on another machine, and were last seen so long ago."""
    with store.database.writing() as session:
        session.execute(update(RunRow).values(host="elsewhere 1", seen_at=now() - seen_before))


def test_a_run_on_another_machine_lives_as_long_as_it_says_so(store: Store) -> None:
    with run(store) as far, run(store) as here:
        far.claim("a")
        elsewhere(store, GONE_AFTER - timedelta(seconds=30))
        assert here.claim("a") is Claim.HELD
        elsewhere(store, GONE_AFTER + timedelta(seconds=1))
        assert here.claim("a") is Claim.SUSPECT


def test_a_run_that_was_seen_by_a_clock_that_was_ahead_is_dead(store: Store) -> None:
    with run(store) as far, run(store) as here:
        far.claim("a")
        elsewhere(store, -GONE_AFTER + timedelta(seconds=30))
        assert here.claim("a") is Claim.HELD
        elsewhere(store, -GONE_AFTER - timedelta(seconds=30))
        assert here.claim("a") is Claim.SUSPECT


def test_a_process_may_outlive_its_run(store: Store) -> None:
    dead = run(store)
    dead.__enter__()
    dead.claim("a")
    with run(store) as here:
        assert here.claim("a") is Claim.HELD
        _ours.discard(dead.id)  # as when the store was not there to be told of its end
        assert here.claim("a") is Claim.SUSPECT


def _take_over(url: str, line: Connection) -> None:
    with Store(url) as store, run(store) as mine:
        line.send("ready")
        line.recv()
        line.send([mine.claim(f"{number}") for number in range(40)])
        line.recv()


def test_of_runs_that_take_over_from_a_dead_one_one_gets_each_recording(any_url: str) -> None:
    with Store(any_url) as store, run(store) as dead:
        for number in range(40):
            dead.claim(f"{number}")
        elsewhere(store, GONE_AFTER)
        spawn = get_context("spawn")
        lines, processes = [], []
        for _ in range(3):
            ours, theirs = spawn.Pipe()
            processes.append(spawn.Process(target=_take_over, args=(any_url, theirs)))
            processes[-1].start()
            lines.append(ours)
        assert [line.recv() for line in lines] == ["ready"] * 3
        for line in lines:
            line.send("go")
        claims = [line.recv() for line in lines]
        for line, process in zip(lines, processes, strict=True):
            line.send("done")
            process.join()
    for of_one in zip(*claims, strict=True):
        assert sorted(claim.name for claim in of_one) == ["HELD", "HELD", "SUSPECT"]


def test_runs_that_find_the_same_names_wrong_at_once_all_say_so(any_url: str) -> None:
    spawn = get_context("spawn")
    Store(any_url).database.close()
    processes = [spawn.Process(target=_fail_names, args=(any_url,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4


def _fail_names(url: str) -> None:
    with Store(url) as store:
        for number in range(15):
            with run(store) as mine:
                mine.fail_names([replace(UNNAMED, file=f"{number}.wav")], "/calls")


def test_a_run_lets_go_of_its_own_claims_only(store: Store) -> None:
    with run(store) as first, run(store) as second, run(store) as third:
        first.claim("a" * 64)
        second.fail(BROKEN, "/calls")
        second.release("a" * 64)
        assert third.claim("a" * 64) is Claim.HELD


def test_a_process_of_the_same_number_is_not_the_run(store: Store) -> None:
    with run(store) as dead, run(store) as here:
        dead.claim("a")
        with store.database.writing() as session:
            session.execute(
                update(RunRow).where(RunRow.run_id == dead.id).values(process_began="12.5")
            )
        assert here.claim("a") is Claim.SUSPECT


def test_a_run_says_that_it_is_alive(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.store.runs.SEEN_EVERY_S", 0.01)
    with run(store) as mine:
        mine.claim("a")
        elsewhere(store, timedelta(hours=1))

        def seen() -> bool:
            with store.database.reading() as session:
                row = session.get(RunRow, mine.id)
                return row is not None and now() - row.seen_at < timedelta(minutes=1)

        # by the clock, not by looks: a thousand of them are over before a busy machine tells once
        until = monotonic() + PATIENCE_S
        while monotonic() < until and not seen():
            sleep(0.01)
        assert seen()


def test_a_run_says_what_it_is(store: Store) -> None:
    with run(store) as mine:
        pass
    with store.database.reading() as session:
        row = session.get(RunRow, mine.id)
    assert row is not None
    assert (row.kind, row.callqa_version, row.settings, row.standard, row.standard_sha256) == (
        "score", __version__, "{}", "property-reception", "5" * 64,
    )  # fmt: skip
    assert row.started_at <= (row.ended_at or row.started_at) <= now()
    assert row.pid == os.getpid()


def as_told(store: Store) -> list[tuple[Failure, int, bool]]:
    return [(one.failure, one.attempts, one.set_aside) for one in store.troubles()]


def test_a_recording_that_fails_again_and_again_is_set_aside(store: Store) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        with run(store) as mine:
            mine.claim("a" * 64)
            mine.fail(BROKEN, "/calls")
        assert as_told(store) == [(BROKEN, attempt, attempt == ATTEMPTS)]


def test_what_is_no_fault_of_the_recording_is_no_attempt(store: Store) -> None:
    for _ in range(ATTEMPTS + 1):
        with run(store) as mine:
            mine.fail(replace(BROKEN, passing=True), "/calls")
    assert as_told(store) == [(BROKEN, 0, False)]


def test_another_version_begins_to_count_anew(store: Store) -> None:
    for _ in range(ATTEMPTS):
        with run(store) as mine:
            mine.fail(BROKEN, "/calls")
    with store.database.writing() as session:
        session.execute(update(FailureRow).values(callqa_version="0.0.1"))
    assert as_told(store) == [(BROKEN, ATTEMPTS, False)]
    with run(store) as mine:
        mine.fail(BROKEN, "/calls")
    assert as_told(store) == [(BROKEN, 1, False)]


def test_the_first_time_stays(store: Store) -> None:
    times = []
    for _ in range(2):
        with run(store) as mine:
            mine.fail(BROKEN, "/calls")
        (told,) = store.troubles()
        times.append((told.first_at, told.last_at))
    assert times[0][0] == times[1][0] <= times[0][1] < times[1][1]


def test_a_failure_lets_go_of_the_recording(store: Store) -> None:
    with run(store) as first, run(store) as second:
        first.claim(BROKEN.recording_id or "")
        first.fail(BROKEN, "/calls")
        assert second.claim(BROKEN.recording_id or "") is Claim.OURS


@pytest.mark.parametrize("ahead", [timedelta(days=365), timedelta(days=-365)])
def test_a_run_knows_what_has_failed_since_it_began_whatever_the_clocks_said(
    store: Store, ahead: timedelta
) -> None:
    identity = BROKEN.recording_id or ""
    with run(store) as early, run(store) as other:
        other.fail(BROKEN, "/calls")
        with store.database.writing() as session:
            session.execute(update(FailureRow).values(last_at=now() + ahead))
        with run(store) as late:
            assert (early.saw_fail(identity), late.saw_fail(identity)) == (True, False)
            early.fail(BROKEN, "/calls")
            assert (late.saw_fail(identity), late.saw_fail("c" * 64)) == (True, False)


def test_a_recording_that_is_scored_is_in_trouble_no_more(store: Store) -> None:
    one = judged("a.wav")
    identity = one.scorecard.recording_id
    with run(store) as mine:
        mine.fail(replace(BROKEN, recording_id=identity), "/calls")
        mine.claim(identity)
        store.keep_scored(mine, one.call, (), one.scorecard)
    assert store.troubles() == ()
    with run(store) as other:
        assert other.claim(identity) is Claim.OURS


def test_names_that_are_in_order_again_are_dropped(store: Store) -> None:
    with run(store) as mine:
        mine.fail_names([UNNAMED], "/calls")
        mine.fail_names([UNNAMED], "/other")
    with run(store) as mine:
        mine.fail_names([], "/calls")
    assert [(one.failure, one.folder) for one in store.troubles()] == [(UNNAMED, "/other")]


def test_a_folder_is_not_taken_for_one_of_a_name_like_it(store: Store) -> None:
    folders = ["/data", "/data/Night", "/data/night", "/data:x", "/data/n%ght"]
    for folder in folders:
        with run(store) as mine:
            mine.fail_names([UNNAMED], folder)
    assert sorted(one.folder for one in store.troubles()) == sorted(folders)


def test_names_that_are_still_wrong_stay_and_recordings_too(store: Store) -> None:
    twin = replace(UNNAMED, file="twin.wav", recording_id="c" * 64)
    for _ in range(2):
        with run(store) as mine:
            mine.fail_names([UNNAMED, twin], "/calls")
    with run(store) as mine:
        mine.fail(BROKEN, "/calls")
    with run(store) as mine:
        mine.fail_names([UNNAMED, twin], "/calls")
    assert as_told(store) == [(BROKEN, 1, False), (UNNAMED, 0, False), (twin, 0, False)]


@pytest.mark.parametrize(
    ("asked", "given"), [((), ("a.wav",)), (("a.wav",), ("a.wav",)), (("c.wav",), ())]
)
def test_what_is_set_aside_is_tried_again_when_asked(
    store: Store, asked: tuple[str, ...], given: tuple[str, ...]
) -> None:
    for _ in range(ATTEMPTS):
        with run(store) as mine:
            mine.fail(BROKEN, "/calls")
    assert store.try_again(asked) == given
    (told,) = store.troubles()
    assert told == Trouble(
        BROKEN, "/calls", 0 if given else ATTEMPTS, told.first_at, told.last_at, not given
    )


def test_a_store_that_goes_does_not_hide_what_ended_the_run(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'callqa.db'}")
    with pytest.raises(KeyboardInterrupt), run(store):
        for file in tmp_path.iterdir():
            file.unlink()
        store.database.close()
        (tmp_path / "callqa.db").write_bytes(b"no database" * 1000)
        raise KeyboardInterrupt
    with pytest.raises(StoreError):
        Store(f"sqlite:///{tmp_path / 'callqa.db'}")


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_a_run_knows_its_own_machine(store: Store) -> None:
    with run(store) as mine, store.database.reading() as session:
        row = session.get(RunRow, mine.id)
        assert row is not None and row.host.split()[2].isdecimal()
