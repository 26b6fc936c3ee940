"""A night goes on where it stopped, and listens only to what it does not know. Models are fakes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline import __version__
from pipeline.batch import Night, score_folder
from pipeline.journal import Event, RecordingScored
from pipeline.judge.load import Standard, load_standard
from pipeline.plan import plan_night
from pipeline.records import Answer, CallRecord, Question, Span
from pipeline.settings import Settings, default_standard
from pipeline.store import Store
from pipeline.store.purging import purge_words
from tests.fakes import Repeating, fake_models, press_ctrl_c
from tests.sound import Samples, encoded, hiss, pcm, wave

SAID = "您好，翠湖花園物業管理處，請問有什麼可以幫到您？再見。"


WRONG = Answer(Question(("再見",), "agent", Span(0, 2_000)), 0.0, "再見", Span(0, 440))
"""An answer from when the other channel was the agent's."""


def two_sided(seed: int) -> bytes:
    """Two seconds of two channels of noise that nobody else has."""
    sides: Samples = hiss(2, seed=seed)
    other: Samples = hiss(2, seed=seed + 1_000)
    return wave(pcm(sides.repeat(2).reshape(-1, 2) * [1, 0] + other[:, None] * [0, 1]), channels=2)


@dataclass
class Desk:
    """A folder of recordings, its results, and a count of the windows that were listened to."""

    folder: Path
    out: Path
    standard: Standard
    heard: list[int] = field(default_factory=list)
    on_window: Callable[[], None] = lambda: None

    def put(self, *names: str) -> None:
        for name in names:
            (self.folder / name).write_bytes(two_sided(sum(map(ord, name))))

    def calls_csv(self, text: str) -> None:
        (self.folder / "calls.csv").write_text(text, encoding="utf-8")

    def score(self, settings: Settings | None = None, *, unmasked: bool = False) -> Night:
        self.heard.clear()
        with self.store() as store:
            return score_folder(
                self.folder,
                self.out,
                self.standard,
                store,
                settings or Settings(),
                unmasked=unmasked,
            )

    def store(self) -> Store:
        return Store(f"sqlite:///{self.out.parent / 'callqa.db'}")


def documents(out: Path) -> list[str]:
    return sorted(path.name for path in (out / "calls").iterdir())


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load_standard(default_standard())


@pytest.fixture
def desk(tmp_path: Path, standard: Standard, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(tmp_path / "recordings", tmp_path / "out", standard)
    made.folder.mkdir()

    def on_window() -> None:
        made.heard.append(1)
        made.on_window()

    fake_models(monkeypatch, Repeating(SAID, on_window))
    return made


def files(desk: Desk) -> tuple[str, ...]:
    """What is kept of the desk's recordings."""
    with desk.store() as store:
        return store.files()


def counts(night: Night) -> tuple[int, int]:
    return night.heard, night.known


def cards(night: Night) -> list[object]:
    return [one.scorecard for one in night.judged]


def test_a_second_run_listens_to_nothing_and_says_the_same(desk: Desk) -> None:
    desk.put("a.wav", "b.wav")
    first = desk.score()
    again = desk.score()
    assert (counts(first), counts(again), desk.heard) == ((2, 0), (0, 2), [])
    assert again.judged == first.judged


def test_a_new_recording_is_all_a_later_run_listens_to(desk: Desk) -> None:
    desk.put("a.wav", "b.wav")
    desk.score()
    desk.put("c.wav")
    assert counts(desk.score()) == (1, 2)
    assert len(desk.heard) == 2


def test_a_renamed_recording_is_known_by_its_content(desk: Desk) -> None:
    desk.put("a.wav")
    desk.score()
    (desk.folder / "a.wav").rename(desk.folder / "z.wav")
    night = desk.score()
    assert (counts(night), desk.heard) == ((0, 1), [])
    assert [one.scorecard.file for one in night.judged] == ["z.wav"]


def test_another_language_listens_anew(desk: Desk) -> None:
    desk.put("a.wav")
    desk.score()
    assert counts(desk.score(Settings(language="yue"))) == (1, 0)


def test_a_call_kept_in_the_form_of_another_version_is_listened_to_anew(desk: Desk) -> None:
    desk.put("a.wav")
    desk.score()
    with sqlite3.connect(desk.out.parent / "callqa.db") as database:
        database.execute("update calls set provenance = '{}', call = '{}'")
    assert counts(desk.score()) == (1, 0)


@pytest.mark.parametrize(("version", "heard"), [("0.5.0", 0), ("0.4.0", 1)])
def test_what_a_version_heard_that_listens_alike_is_not_heard_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, version: str, heard: int
) -> None:
    monkeypatch.setattr("pipeline.shift.LISTENS_AS", ("0.5.0", __version__))
    desk.put("a.wav")
    desk.score()
    with sqlite3.connect(desk.out.parent / "callqa.db") as database:
        database.execute(
            "update calls set provenance = json_set(provenance, '$.version', ?)", (version,)
        )
    assert counts(desk.score()) == (heard, 1 - heard)


def test_an_interrupted_night_goes_on_where_it_stopped(desk: Desk) -> None:
    desk.put("a.wav", "b.wav", "c.wav")

    def interrupt() -> None:
        if len(desk.heard) == 4:
            press_ctrl_c(once=lambda: len(files(desk)) == 1)

    desk.on_window = interrupt
    with pytest.raises(KeyboardInterrupt):
        desk.score(Settings(threads=1))
    desk.on_window = lambda: None
    night = desk.score()
    assert counts(night) == (2, 1)
    assert [one.scorecard.file for one in night.judged] == ["a.wav", "b.wav", "c.wav"]


def test_a_corrected_calls_csv_relabels_without_listening(desk: Desk) -> None:
    desk.put("a.wav")
    desk.calls_csv("file,agent_channel\na.wav,0\n")
    (before,) = desk.score().judged
    desk.calls_csv("file,agent_channel\na.wav,1\n")
    night = desk.score()
    (after,) = night.judged
    assert (counts(night), desk.heard) == ((0, 1), [])
    assert {u.channel: u.role for u in before.call.utterances} == {0: "agent", 1: "customer"}
    assert {u.channel: u.role for u in after.call.utterances} == {0: "customer", 1: "agent"}


def test_answers_about_the_agent_go_when_the_agent_was_the_other(desk: Desk) -> None:
    desk.put("a.wav")
    desk.calls_csv("file,agent_channel\na.wav,0\n")
    (one,) = desk.score().judged
    with desk.store() as store:
        store.keep_answers(one.call.recording.id, [WRONG])
    desk.calls_csv("file,agent_channel\na.wav,1\n")
    desk.score()
    with desk.store() as store:
        kept = store.kept(one.call.recording.id)
    assert kept is not None
    assert WRONG not in kept.answers


def test_a_warning_about_the_call_record_goes_when_it_is_corrected(desk: Desk) -> None:
    desk.put("a.wav")
    desk.calls_csv("file,agent_channel,started_at\na.wav,0,today\n")
    (before,) = desk.score().judged
    desk.calls_csv("file,agent_channel,started_at\na.wav,0,\n")
    (after,) = desk.score().judged
    assert before.call.warnings == (
        "call record: calls.csv:2: started_at is 'today', expected a date and time as ISO 8601, "
        "such as 2025-03-11T09:42:10+08:00; taken as not given",
    )
    assert (after.call.warnings, after.scorecard.flags) == ((), ())
    assert after.call.recording.record == CallRecord("a.wav", agent_channel=0)


def test_an_empty_folder_is_a_night_without_calls(desk: Desk) -> None:
    night = desk.score()
    assert (night.judged, night.failures, night.unjudgeable) == ((), (), 0)
    assert night.written.scores.read_text(encoding="utf-8").startswith("file,score,kind,flags")


def test_a_recording_that_goes_away_meanwhile_costs_only_itself(desk: Desk) -> None:
    desk.put("a.wav", "b.wav")
    desk.on_window = lambda: (desk.folder / "b.wav").unlink(missing_ok=True)
    night = desk.score(Settings(threads=1))
    assert [one.scorecard.file for one in night.judged] == ["a.wav"]
    assert [(failure.file, failure.got) for failure in night.failures] == [
        ("b.wav", "cannot be read (No such file or directory)")
    ]


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")],
)
def test_a_recording_too_large_for_memory_costs_only_itself(desk: Desk, error: Exception) -> None:
    desk.put("a.wav", "b.wav")

    def run_out() -> None:
        if len(desk.heard) == 1:
            raise error

    desk.on_window = run_out
    night = desk.score(Settings(threads=1))
    assert [one.scorecard.file for one in night.judged] == ["b.wav"]
    assert [(one.file, one.got, one.hint) for one in night.failures] == [
        (
            "a.wav",
            "a recording for which memory did not suffice",
            "Run again with fewer --threads, on a machine with more, or split it.",
        )
    ]
    desk.on_window = lambda: None
    assert counts(desk.score()) == (1, 1)


def test_an_error_that_is_not_about_memory_is_a_bug_and_stops_the_night(desk: Desk) -> None:
    desk.put("a.wav")

    def fail() -> None:
        raise RuntimeError("unforeseen")

    desk.on_window = fail
    with pytest.raises(RuntimeError, match="unforeseen"):
        desk.score()


def test_results_are_in_the_order_of_files_whichever_was_done_first(desk: Desk) -> None:
    desk.put("a.wav", "c.wav")
    (desk.folder / "b.wav").write_bytes(two_sided(1)[:4_000])
    (desk.folder / "d.wav").write_bytes(b"no sound")
    night = desk.score(Settings(threads=3))
    assert [one.scorecard.file for one in night.judged] == ["a.wav", "b.wav", "c.wav"]
    assert [one.file for one in night.failures] == ["d.wav"]
    rows = night.written.scores.read_text(encoding="utf-8").splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["a.wav", "b.wav", "c.wav", "d.wav"]


def test_the_longest_is_begun_first_whatever_its_format(desk: Desk) -> None:
    desk.put("a.wav")
    encoded(desk.folder / "b.mp3", hiss(40, seed=3), "libmp3lame")
    encoded(desk.folder / "c.flac", hiss(4, seed=4), "flac")
    sizes = {path.name: path.stat().st_size for path in desk.folder.iterdir()}
    assert sizes["b.mp3"] < sizes["c.flac"]
    told: list[Event] = []
    with desk.store() as store:
        folders = (desk.folder, desk.out)
        score_folder(*folders, desk.standard, store, Settings(threads=1), journal=told.append)
    assert [one.file for one in told if isinstance(one, RecordingScored)] == [
        "b.mp3",
        "c.flac",
        "a.wav",
    ]


def test_the_time_spent_is_told_by_stage(desk: Desk) -> None:
    desk.put("a.wav", "b.wav")
    spent = desk.score().spent
    assert spent.heard_ms == 4_000
    assert {"intake", "decoding", "judging", "store", "reports"} <= set(spent.seconds)
    assert 0 < spent.clock_s < 60
    assert desk.score().spent.heard_ms == 0


def test_what_was_purged_is_not_heard_again(desk: Desk) -> None:
    desk.put("a.wav", "b.wav")
    first = desk.score()
    with desk.store() as store:
        purge_words(store.database, [first.judged[0].call.recording.id])
    again = desk.score()
    assert [one.scorecard.file for one in again.judged] == ["b.wav"]
    assert (counts(again), again.purged, desk.heard) == ((0, 1), 1, [])
    # nor by other models
    other = desk.score(Settings(language="en"))
    assert (counts(other), other.purged) == ((1, 0), 1)
    assert sorted(path.name for path in (desk.out / "calls").iterdir()) == ["a.json", "b.json"]


def test_what_was_purged_is_nothing_to_plan_for(desk: Desk) -> None:
    desk.put("a.wav", "b.wav")
    first = desk.score()
    with desk.store() as store:
        purge_words(store.database, [first.judged[0].call.recording.id])
        plan = plan_night(desk.folder, store, Settings(language="en"))
    assert (list(plan.durations_ms), plan.known) == (["b.wav"], 1)


def test_a_recording_has_one_document_whatever_it_was_called_before(desk: Desk) -> None:
    desk.put("a.wav")
    desk.score()
    (desk.folder / "a.flac").write_bytes((desk.folder / "a.wav").read_bytes()[:-4])
    (desk.out / "calls" / "mine.json").write_text("{}")
    desk.score()
    assert documents(desk.out) == ["a.flac.json", "a.wav.json", "mine.json"]
    (desk.folder / "a.wav").rename(desk.folder / "b.wav")
    desk.score()
    assert documents(desk.out) == ["a.json", "b.json", "mine.json"]


def test_documents_of_other_nights_stay(desk: Desk) -> None:
    desk.put("a.wav")
    desk.score()
    (desk.folder / "a.wav").unlink()
    desk.put("b.wav")
    desk.score()
    assert documents(desk.out) == ["a.json", "b.json"]


def test_a_recording_that_was_heard_and_is_gone_is_no_failure(desk: Desk) -> None:
    desk.put("a.wav", "b.wav")
    desk.calls_csv("file\na.wav\nb.wav\nc.wav\n")
    assert [one.file for one in desk.score().failures] == ["c.wav"]
    (desk.folder / "a.wav").unlink()
    night = desk.score()
    assert [one.scorecard.file for one in night.judged] == ["b.wav"]
    assert [one.file for one in night.failures] == ["c.wav"]


def test_a_masked_night_leaves_no_document_in_clear(desk: Desk) -> None:
    desk.put("a.wav", "b.wav", "c.wav")
    desk.score()
    (desk.folder / "c.wav").unlink()
    desk.score(unmasked=True)
    (desk.out / "calls" / "mine.json").write_text("{}")
    (desk.folder / "a.wav").unlink()
    desk.score(unmasked=True)
    assert documents(desk.out) == [".unmasked", "a.json", "b.json", "c.json", "mine.json"]
    desk.score()
    assert documents(desk.out) == ["b.json", "c.json", "mine.json"]


@pytest.mark.parametrize(
    "content",
    [b'{"scorecard":{"recording_id":"\xb3"}}', b"{" * 200_000, b'{"a":' * 100_000, b"[]", b""],
)
def test_what_others_put_among_the_documents_stays(desk: Desk, content: bytes) -> None:
    desk.put("a.wav")
    desk.score()
    calls = desk.out / "calls"
    (calls / "mine.json").write_bytes(content)
    (calls / "reviewed").mkdir()
    (calls / "reviewed" / "a.json").write_bytes((calls / "a.json").read_bytes())
    desk.score()
    assert documents(desk.out) == ["a.json", "mine.json", "reviewed"]
    assert (calls / "reviewed" / "a.json").is_file()


def test_a_document_in_a_linked_folder_stays(desk: Desk) -> None:
    (desk.folder / "north").mkdir()
    desk.put("north/a.wav")
    (desk.out / "calls" / "nord").mkdir(parents=True)
    (desk.out / "calls" / "north").symlink_to("nord")
    for _ in range(2):
        desk.score()
        assert (desk.out / "calls" / "nord" / "a.json").is_file()
