"""Nights that are killed lose nothing and do nothing twice; nights that share a store share the work."""

from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from sqlalchemy import select, text

from pipeline.store import Store
from pipeline.store.schema import CallRow
from tests.postgres import server
from tests.survival import Nights, recordings

SAMPLES = Path(__file__).parents[1] / "samples" / "recordings"

FILES = ("scores.csv", "verdicts.csv", "report.html")
"""What a night leaves for people; it must be whole or not be there."""


def kept(url: str) -> dict[str, Any]:
    """When each kept recording was listened to."""
    with Store(url) as store, store.database.reading() as session:
        rows = session.execute(select(CallRow.file, CallRow.listened_at)).all()
    assert len(rows) == len({file for file, _ in rows})
    return dict(tuple(row) for row in rows)


def results(out: Path) -> dict[str, str]:
    """The tables and the calls' documents, by their name."""
    documents = {path.name: path.read_text(encoding="utf-8") for path in out.glob("calls/*.json")}
    tables = {name: (out / name).read_text(encoding="utf-8") for name in FILES[:2]}
    return documents | tables


class Witness:
    """Looks at what is kept and written after each kill."""

    def __init__(self, url: str, out: Path, count: int) -> None:
        self.url, self.out, self.count = url, out, count
        self.before: dict[str, Any] = {}

    def __call__(self) -> None:
        now = kept(self.url)
        again = {file for file, listened_at in self.before.items() if now.get(file) != listened_at}
        assert again == set(), "kept recordings were lost, or listened to again"
        self.before = now
        if (self.out / "scores.csv").exists():
            with (self.out / "scores.csv").open(encoding="utf-8", newline="") as file:
                assert len(list(csv.DictReader(file))) == self.count
        if (self.out / "report.html").exists():
            assert (self.out / "report.html").read_text(encoding="utf-8").endswith("</html>")


def survive(nights: Nights, tmp_path: Path, count: int, kills: int) -> None:
    """Kill so many nights of ``count`` recordings, and see that all ends as if none had been killed.

    The first half is killed while recordings are heard and kept, some windows after it began; the other
    at any moment between beginning and end, most of them while known calls are judged and written.
    """
    undisturbed = Nights(
        nights.folder, f"sqlite:///{tmp_path / 'undisturbed.db'}", tmp_path / "other"
    )
    undisturbed.here(tmp_path / "undisturbed")
    began = perf_counter()
    undisturbed.here(tmp_path / "undisturbed")
    whole_s = perf_counter() - began
    out, moments = tmp_path / "out", random.Random(kills)
    witness = Witness(nights.url, out, count)
    grown, in_hand = set(), 0
    most_windows = max(4, 4 * count // (kills // 2))  # two a recording: all are heard by the half
    for _ in range(kills // 2):
        nights.killed(out, moments.randint(0, most_windows), moments.uniform(0, 0.03))
        witness()
        grown.add(len(witness.before))
        in_hand += claimed(nights.url) > 0
    for _ in range(kills - kills // 2):
        nights.killed(out, 0, moments.uniform(0, whole_s))
        witness()
    # the kills met nights at work, from the first recording on
    assert (in_hand > kills // 5, len(grown) > kills // 10) == (True, True)
    night = nights.here(out)
    assert (len(night.judged), night.failures) == (count, ())
    assert set(kept(nights.url)) == {f"{number:03}.wav" for number in range(count)}
    assert results(out) == results(tmp_path / "undisturbed")
    with Store(nights.url) as store, store.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM scorecards")).scalar() == count
    assert claimed(nights.url) == 0
    assert list(out.rglob(".callqa-*")) == [], "unfinished files were left behind"


def claimed(url: str) -> int:
    """How many recordings are in some run's hand."""
    with Store(url) as store, store.database.reading() as session:
        return int(session.execute(text("SELECT count(*) FROM claims")).scalar_one())


def test_two_hundred_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'callqa.db'}"
    folder = recordings(tmp_path / "recordings", 40)
    survive(Nights(folder, url, tmp_path / "heard", window_s=0.02), tmp_path, 40, kills=200)
    with Store(url) as store, store.database.reading() as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"


def test_kills_beside_postgresql_lose_nothing_and_double_nothing(
    tmp_path: Path, postgres_url: str
) -> None:
    folder = recordings(tmp_path / "recordings", 40)
    survive(Nights(folder, postgres_url, tmp_path / "heard", window_s=0.02), tmp_path, 40, kills=30)


def ended(child: int) -> int:
    """The exit code of a process, when it is over."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_two_nights_on_one_store_listen_to_each_recording_once(
    tmp_path: Path, any_url: str
) -> None:
    folder = recordings(tmp_path / "recordings", 30)
    alone = Nights(folder, f"sqlite:///{tmp_path / 'alone.db'}", tmp_path / "alone-heard")
    alone.here(tmp_path / "alone")
    nights = Nights(folder, any_url, tmp_path / "heard", window_s=0.01)
    outs = [tmp_path / "first", tmp_path / "second"]
    children = [nights.begun(out) for out in outs]
    assert [ended(child) for child in children] == [0, 0]
    assert nights.windows() == alone.windows()
    assert [results(out) for out in outs] == [results(tmp_path / "alone")] * 2


def test_a_database_that_is_lost_stops_the_night_and_the_next_one_finishes(
    tmp_path: Path, postgres_programs: Path
) -> None:
    folder = recordings(tmp_path / "recordings", 10)
    alone = Nights(folder, f"sqlite:///{tmp_path / 'alone.db'}", tmp_path / "alone-heard")
    alone.here(tmp_path / "alone")
    with server(postgres_programs) as database:
        nights = Nights(folder, database.url, tmp_path / "heard", window_s=0.02)
        stops = [database.stop]

        def lose() -> None:
            if len(kept(database.url)) >= 2:
                with suppress(IndexError):  # the other thread has stopped it
                    stops.pop()()

        nights.on_window = lose
        assert ended(nights.begun(tmp_path / "out")) == 2
        nights.on_window = lambda: None
        database.start()
        before = set(kept(database.url))
        night = nights.here(tmp_path / "out")
        assert 0 < len(before) < 10
        assert (night.heard, night.known, night.failures) == (10 - len(before), len(before), ())
        assert results(tmp_path / "out") == results(tmp_path / "alone")


SHORT = ("04_person_is_in.wav",)
"""Sample calls that are soon heard."""


def test_a_run_with_real_models_is_killed_and_the_next_one_finishes(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    for name in SHORT:
        shutil.copy(SAMPLES / name, folder)
    store = tmp_path / "callqa.db"

    def command(out: str, kept: Path) -> list[str]:
        where = ["--out", str(tmp_path / out), "--store", f"sqlite:///{kept}"]
        return [sys.executable, "-m", "pipeline", "score", str(folder), "--threads", "1", *where]

    with subprocess.Popen(command("out", store), stdout=subprocess.DEVNULL) as run:
        while run.poll() is None and not (store.exists() and claimed(f"sqlite:///{store}")):
            sleep(0.02)
        sleep(0.5)
        run.kill()
    assert claimed(f"sqlite:///{store}") == len(SHORT)
    subprocess.run(command("out", store), check=True, stdout=subprocess.DEVNULL)
    subprocess.run(
        command("undisturbed", tmp_path / "other.db"), check=True, stdout=subprocess.DEVNULL
    )
    assert claimed(f"sqlite:///{store}") == 0
    assert results(tmp_path / "out") == results(tmp_path / "undisturbed")
    assert sorted(kept(f"sqlite:///{store}")) == sorted(SHORT)
