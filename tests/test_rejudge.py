"""Kept calls are judged again without audio, the same on one core and on many."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy import update

from pipeline import rejudge
from pipeline.batch import score_folder
from pipeline.errors import OutputError, StandardError, StoreError
from pipeline.journal import RecordingScored
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.judge import judge
from pipeline.judge.load import Standard, load_standard
from pipeline.judge.reading import Reading, read_together
from pipeline.records import Answer, Call, Failure, Question, Recording, Span, to_json
from pipeline.rejudge import rescore
from pipeline.settings import Settings, default_standard
from pipeline.store import Store
from pipeline.store.schema import CallRow, now
from pipeline.wording.match import Matcher
from tests.fakes import Repeating, fake_models
from tests.judge.test_rules import written
from tests.sound import hiss, pcm, wave

GREETED = [{"agent": "您好，翠湖花園物業管理處。"}, {"customer": "我姓陳，我家漏水了。"}]
ENDED = [*GREETED, {"agent": "好的，馬上派人過去。再見。"}]


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load_standard(default_standard())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path / 'callqa.db'}") as opened:
        yield opened


def call(number: int, file: str) -> Call:
    heard = call_of(dialogue(ENDED if number % 3 else GREETED))
    record = replace(heard.recording.record, file=file, agent_id=f"A{number % 4}")
    return replace(heard, recording=Recording(f"{number:064x}", file, 9, record))


def results(out: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(out)): path.read_bytes()
        for kind in ("*.csv", "*.json", "*.html")
        for path in out.rglob(kind)
    }


def cards(folder: Path) -> list[tuple[object, ...]]:
    import sqlite3

    with sqlite3.connect(folder / "callqa.db") as database:
        query = "select recording_id, standard, standard_sha256, score, scorecard from scorecards"
        return database.execute(query + " order by 1, 2").fetchall()


def test_a_rescore_opens_no_audio_and_says_the_same(
    tmp_path: Path, standard: Standard, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    for seed, name in enumerate(("a.wav", "b.wav")):
        (folder / name).write_bytes(wave(pcm(hiss(2, seed=seed))))
    fake_models(monkeypatch, Repeating("您好，翠湖花園物業管理處，再見。", lambda: None))
    score_folder(folder, tmp_path / "first", standard, store, Settings())
    before = cards(tmp_path)
    shutil.rmtree(folder)
    night = rescore(tmp_path / "again", standard, store)
    assert results(tmp_path / "again") == results(tmp_path / "first")
    assert cards(tmp_path) == before
    assert (night.known, night.unanswered, night.failures) == (2, 0, ())


def test_many_processes_write_what_one_does(
    tmp_path: Path, standard: Standard, store: Store
) -> None:
    for number in range(150):
        store.keep_call(call(number, f"{number * 7 % 150:03}.wav"))
    one = rescore(tmp_path / "one", standard, store, processes=1)
    kept = cards(tmp_path)
    two = rescore(tmp_path / "two", standard, store, processes=2)
    assert results(tmp_path / "two") == results(tmp_path / "one")
    assert cards(tmp_path) == kept
    assert (two.calls, two.unanswered) == (one.calls, one.unanswered)
    assert len(results(tmp_path / "two")) == 150 + 3


def test_what_calls_take_together_is_shared_among_them(
    tmp_path: Path, standard: Standard, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words are searched some calls together: the journal leaves none of that time out."""
    store.keep_call(call(0, "a.wav"))
    store.keep_call(call(1, "b.wav"))

    def slowly(calls: Sequence[Call], matcher: Matcher) -> tuple[Reading, ...]:
        sleep(0.4)
        return read_together(calls, matcher)

    monkeypatch.setattr(rejudge, "read_together", slowly)
    told: list[object] = []
    rescore(tmp_path / "out", standard, store, processes=1, journal=told.append)
    took = [one.seconds for one in told if isinstance(one, RecordingScored)]
    assert [seconds >= 0.2 for seconds in took] == [True, True]


def test_what_is_kept_and_written_is_the_judgement(
    tmp_path: Path, standard: Standard, store: Store
) -> None:
    heard = call(1, "a.wav")
    question = Question(("再見",), "agent", Span(0, 1_000))
    store.keep_call(heard, [Answer(question, -1.0)])
    rescore(tmp_path / "out", standard, store)
    expected = judge(heard, standard, [Answer(question, -1.0)]).scorecard
    assert [row[-1] for row in cards(tmp_path)] == [to_json(expected)]


@pytest.mark.parametrize("unmasked", [True, False])
def test_names_are_shown_only_if_asked_for(
    tmp_path: Path, standard: Standard, store: Store, unmasked: bool
) -> None:
    store.keep_call(call(0, "a.wav"))
    rescore(tmp_path / "out", standard, store, unmasked=unmasked)
    shown = b"".join(results(tmp_path / "out").values()).decode()
    assert ("我姓陳" in shown, "我姓＊" in shown) == (unmasked, not unmasked)


def test_of_two_recordings_under_one_name_the_document_is_that_of_the_one_met_last(
    tmp_path: Path, standard: Standard, store: Store
) -> None:
    for number in (2, 1):
        store.keep_call(call(number, "a.wav"))
    night = rescore(tmp_path / "out", standard, store)
    assert [one.recording_id for one in night.calls] == [f"{n:064x}" for n in (1, 2)]
    assert f'"id": "{1:064x}"' in (tmp_path / "out/calls/a.json").read_text(encoding="utf-8")


def test_a_recording_that_was_replaced_under_its_name_is_not_in_the_new_reports(
    tmp_path: Path, standard: Standard, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the call that now bears the name, in either order of their SHA-256, and after going back."""
    fake_models(monkeypatch, Repeating("您好，翠湖花園物業管理處，再見。", lambda: None))
    folder = tmp_path / "recordings"
    folder.mkdir()
    sounds = [wave(pcm(hiss(2, seed=seed))) for seed in (1, 2)]
    for sound in (*sounds, sounds[0]):
        (folder / "a.wav").write_bytes(sound)
        (heard,) = score_folder(folder, tmp_path / "out", standard, store, Settings()).judged
        shutil.rmtree(tmp_path / "out")
        night = rescore(tmp_path / "out", standard, store)
        assert [one.recording_id for one in night.calls] == [heard.call.recording.id]
        document = (tmp_path / "out/calls/a.json").read_text(encoding="utf-8")
        assert f'"id": "{heard.call.recording.id}"' in document
        found = store.find("a.wav")
        assert found is not None and found.call == heard.call


def test_a_recording_that_replaced_one_met_by_a_clock_that_was_ahead_is_in_the_new_reports(
    tmp_path: Path, standard: Standard, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_models(monkeypatch, Repeating("您好，翠湖花園物業管理處，再見。", lambda: None))
    folder = tmp_path / "recordings"
    folder.mkdir()
    for seed in (1, 2):
        (folder / "a.wav").write_bytes(wave(pcm(hiss(2, seed=seed))))
        (heard,) = score_folder(folder, tmp_path / "out", standard, store, Settings()).judged
        if seed == 1:
            with store.database.writing() as session:
                session.execute(update(CallRow).values(met_at=now() + timedelta(days=365)))
    night = rescore(tmp_path / "out", standard, store)
    assert [one.recording_id for one in night.calls] == [heard.call.recording.id]


def test_a_call_whose_recording_was_refused_since_is_a_failure_and_no_call(
    tmp_path: Path, standard: Standard, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its document goes as well; and it is a call again when it is judged again."""
    fake_models(monkeypatch, Repeating("您好，翠湖花園物業管理處，再見。", lambda: None))
    folder, out = tmp_path / "recordings", tmp_path / "out"
    folder.mkdir()
    sound, document = wave(pcm(hiss(2))), out / "calls/a.json"
    for content, judged in ((sound, 1), (b"", 0), (sound, 1)):
        (folder / "a.wav").write_bytes(content)
        night = score_folder(folder, out, standard, store, Settings())
        assert (len(night.judged), len(night.failures), document.exists()) == (
            judged,
            1 - judged,
            bool(judged),
        )
        again = rescore(out, standard, store)
        assert (len(again.calls), len(again.failures), document.exists()) == (
            judged,
            1 - judged,
            bool(judged),
        )


def test_recordings_of_two_folders_under_one_name_are_both_in_the_new_reports(
    tmp_path: Path, standard: Standard, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_models(monkeypatch, Repeating("您好，翠湖花園物業管理處，再見。", lambda: None))
    ids = []
    for seed, name in enumerate(("monday", "tuesday")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.wav").write_bytes(wave(pcm(hiss(2, seed=seed))))
        night = score_folder(tmp_path / name, tmp_path / "out", standard, store, Settings())
        ids += [one.call.recording.id for one in night.judged]
    again = rescore(tmp_path / "out", standard, store)
    assert [one.recording_id for one in again.calls] == sorted(ids)
    document = (tmp_path / "out/calls/a.json").read_text(encoding="utf-8")
    assert f'"id": "{ids[1]}"' in document


def test_a_call_that_is_judged_by_what_is_kept_has_not_failed(
    tmp_path: Path, standard: Standard, store: Store
) -> None:
    """Though its recording could not be listened to again."""
    store.keep_call(call(1, "a.wav"))
    gone = Failure("a.wav", "cannot be read", "a readable file", "Mount it.", f"{1:064x}", True)
    twin = Failure("b.wav", "the same sound", "each call once", "Remove one.", f"{1:064x}")
    with store.run("score", "{}", standard.outline) as run:
        run.fail(gone, "/calls")
        run.fail_names([twin], "/calls")
    night = rescore(tmp_path / "out", standard, store)
    assert ([one.file for one in night.calls], night.failures) == (["a.wav"], (twin,))
    assert night.unjudgeable == 1


def test_an_empty_store_has_reports(tmp_path: Path, standard: Standard, store: Store) -> None:
    night = rescore(tmp_path / "out", standard, store)
    assert (night.calls, night.unjudgeable) == ((), 0)
    assert sorted(results(tmp_path / "out")) == ["report.html", "scores.csv", "verdicts.csv"]


def test_a_call_that_cannot_be_read_is_named_whoever_reads_it(
    tmp_path: Path, standard: Standard, store: Store
) -> None:
    import sqlite3

    for number in range(130):
        store.keep_call(call(number, f"{number:03}.wav"))
    with sqlite3.connect(tmp_path / "callqa.db") as database:
        database.execute("""update calls set call = '{"recording": 1}' where file = '077.wav'""")
    with pytest.raises(StoreError) as error:
        rescore(tmp_path / "out", standard, store, processes=2)
    assert error.value.got == "call 077.wav in a form this version does not know"
    assert list((tmp_path / "out").glob("*.csv")) == []


def test_a_document_that_cannot_be_written_is_named_whoever_writes_it(
    tmp_path: Path, standard: Standard, store: Store
) -> None:
    for number in range(130):
        store.keep_call(call(number, f"{number:03}.wav"))
    (tmp_path / "out/calls/100.json").mkdir(parents=True)
    with pytest.raises(OutputError) as error:
        rescore(tmp_path / "out", standard, store, processes=2)
    assert error.value.where == str(tmp_path / "out/calls/100.json")


def test_a_standard_goes_to_another_process_as_its_folder(tmp_path: Path) -> None:
    standard = load_standard(written(tmp_path, require={"phrase": {"lexicon": "greeting"}}))
    sent = pickle.dumps(standard)
    assert len(sent) < 1_000
    assert pickle.loads(sent).sha256 == standard.sha256
    (tmp_path / "greeting.txt").write_text("早安\n", encoding="utf-8")
    with pytest.raises(StandardError):
        pickle.loads(sent)
