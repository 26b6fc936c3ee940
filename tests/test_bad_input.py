"""One night with everything that can be wrong with a recording, and a good call in its midst.

Real models. Each bad file has its entry and says what to do; the good call does not notice.
"""

from __future__ import annotations

import csv
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import yaml

from pipeline.batch import Night, score_folder
from pipeline.cli import main
from pipeline.errors import Exit, OutputError, StoreError
from pipeline.judge.load import load_standard
from pipeline.listen.audio import SAMPLE_RATE
from pipeline.records import Judged
from pipeline.settings import PACKAGE, Settings, default_standard
from pipeline.show.notes import note
from pipeline.store import Store
from tests.sound import FLOAT, Samples, encoded, pcm, samples_of, silence, tone, wave

QUARREL = PACKAGE.parent / "samples" / "recordings" / "07_quarrel.wav"
GOOD = "good.wav"
GOOD_ROW = f"file,agent_id,agent_channel,rings\n{GOOD},A05,0,3\n"

SOUND = "a sound file such as wav, mp3, flac, ogg or m4a"
EXPORT = "Export it again from the recorder, or remove it from the folder."
READABLE = "a readable sound file. Check its permissions and that it is still there."
STOPPED = "at least 100 ms. Look whether the recorder stopped early, or remove the file."

ERRORS = {
    "0 Hz.wav": "16044 bytes that are no sound FFmpeg knows (Invalid data found when processing "
    f"input); expected {SOUND}. {EXPORT}",
    "all NaN.wav": f"samples that are all NaN or infinite; expected {SOUND}. {EXPORT}",
    "dangling.wav": f"cannot be read (No such file or directory); expected {READABLE}",
    "empty.wav": f"an empty file (0 bytes); expected {SOUND}. "
    "Look whether the recorder had room on its disk, or remove the file.",
    "folder.wav": "a folder; expected a sound file. Rename it; what is inside was searched.",
    "good again.wav": "the same sound, byte for byte, as good.wav; expected each call once. "
    "Remove one of the two; only the other is listened to.",
    "missing.wav": "named in calls.csv but not in the folder; expected the file beside calls.csv, "
    "by its path from there. Correct the name in calls.csv, or bring the file.",
    "no samples.wav": f"an audio stream without samples; expected {SOUND}. {EXPORT}",
    "one sample.wav": f"1 sample (0 ms) of sound; expected {STOPPED}",
    "parcel.wav": "calls.csv:5: kind is 'parcel'; expected one of call, visit, home_visit. "
    "Correct the row and run again.",
    "playlist.wav": "34 bytes that are no sound FFmpeg knows (Invalid argument); "
    f"expected {SOUND}. {EXPORT}",
    "text.wav": "80 bytes that are no sound FFmpeg knows (Invalid data found when processing "
    f"input); expected {SOUND}. {EXPORT}",
    "torn.m4a": "{size} bytes that are no sound FFmpeg knows (Invalid data found when processing "
    f"input); expected {SOUND}. {EXPORT}",
    "unknown encoding.wav": "an audio stream in an encoding FFmpeg does not know; "
    f"expected {SOUND}. {EXPORT}",
}
"""What scores.csv says of each file that cannot be listened to."""

SILENT = ("only ring.wav", "only silence.wav")

ODD = {
    "6 channels.wav": ("6 channels, of which 1 and 4 carry sound: taken as stereo",),
    "96 kHz.wav": (),
    "cut.mp3": ("truncated: ",),
    "cut.wav": ("truncated: the header promises 192044 bytes, the file has 96044",),
    "some NaN.wav": ("160 samples (0.2 %) are NaN or infinite and were taken as silence",),
    r"\xbf\xcd\xcd\xfe.wav": (),
    "大堂 前台.wav": (
        "call record: calls.csv:4: started_at is '13/40/2025', expected a date and time as "
        "ISO 8601, such as 2025-03-11T09:42:10+08:00; taken as not given",
    ),
    "twice.wav": ("call record: calls.csv:7: a second row for this file was passed over",),
}
"""Files that are odd but can be heard, and what the reader is told of each besides roles."""


ASKING = ("4.1.2.1", "4.1.2.2", "4.1.3", "4.1.7.1")


def excerpt(start_s: float, end_s: float) -> Samples:
    """Both sides of a stretch of the quarrel, shape (n, 2), 16 kHz."""
    samples = samples_of(QUARREL)
    return samples[:, round(start_s * SAMPLE_RATE) : round(end_s * SAMPLE_RATE)].T


def put_good(folder: Path) -> None:
    call = wave(pcm(excerpt(13, 24.5)), rate=SAMPLE_RATE, channels=2)
    (folder / GOOD).write_bytes(call)


def put_bad(folder: Path) -> None:
    """Everything of :data:`ERRORS`, but for the missing file, and :data:`SILENT`."""
    files = {
        "0 Hz.wav": wave(pcm(tone(1, 440)), rate=0),
        "all NaN.wav": wave(np.full(8_000, np.nan, "<f4").tobytes(), bits=32, code=FLOAT),
        "empty.wav": b"",
        "good again.wav": (folder / GOOD).read_bytes(),
        "no samples.wav": wave(b""),
        "one sample.wav": wave(pcm(tone(1, 440))[:2]),
        "parcel.wav": wave(pcm(tone(2, 440))),
        "playlist.wav": b"ffconcat version 1.0\nfile good.wav",
        "text.wav": "這是文字。\n".encode() * 5,
        "unknown encoding.wav": wave(pcm(tone(1, 440)), code=0x1234),
        "only silence.wav": wave(pcm(silence(5))),
        "only ring.wav": wave(pcm(np.concatenate([tone(1, 450), silence(4)] * 3))),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    torn = encoded(folder / "torn.m4a", tone(2, 440, rate=SAMPLE_RATE), "aac", SAMPLE_RATE)
    torn.write_bytes(torn.read_bytes()[:1_000])
    (folder / "folder.wav").mkdir()
    (folder / "dangling.wav").symlink_to("nowhere")


def put_odd(folder: Path) -> None:
    """Everything of :data:`ODD`: three seconds of talk each, no two alike."""
    talk = excerpt(17.6, 20.6)
    six = np.zeros((talk.shape[0], 6), np.float32)
    six[:, 1], six[:, 4] = talk[:, 0], excerpt(13.3, 16.3)[:, 0]
    broken = np.ascontiguousarray(excerpt(13.3, 18.3)[:, 0])
    broken[1_000:1_160] = np.nan
    mono = talk[:, 1]
    fast = np.repeat(mono, 6)
    long = pcm(np.tile(mono, 2))
    files = {
        "6 channels.wav": wave(pcm(six), rate=SAMPLE_RATE, channels=6),
        "96 kHz.wav": wave(pcm(fast), rate=96_000),
        "cut.wav": wave(long[:96_000], rate=SAMPLE_RATE, promised=192_000),
        "some NaN.wav": wave(broken.astype("<f4").tobytes(), rate=SAMPLE_RATE, bits=32, code=FLOAT),
        "大堂 前台.wav": wave(pcm(mono * 0.9), rate=SAMPLE_RATE),
        "twice.wav": wave(pcm(mono * 0.8), rate=SAMPLE_RATE),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    raw = os.fsencode(folder) + b"/\xbf\xcd\xcd\xfe.wav"
    Path(os.fsdecode(raw)).write_bytes(wave(pcm(mono * 0.7), rate=SAMPLE_RATE))
    cut = encoded(folder / "cut.mp3", np.tile(mono, 2), "libmp3lame", SAMPLE_RATE)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])


@dataclass(frozen=True)
class Run:
    """A night that is over."""

    folder: Path
    out: Path
    night: Night

    def card(self, file: str) -> Judged:
        return next(one for one in self.night.judged if one.scorecard.file == file)

    @property
    def rows(self) -> dict[str, dict[str, str]]:
        with self.night.written.scores.open(encoding="utf-8", newline="") as stream:
            return {row["file"]: row for row in csv.DictReader(stream)}


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped standard less the clauses that listen a second time for a phrase: those are slow."""
    folder = tmp_path_factory.mktemp("standard") / "quick"
    shutil.copytree(default_standard(), folder)
    file = folder / "standard.yaml"
    tree = yaml.safe_load(file.read_text(encoding="utf-8"))
    tree["clauses"] = [clause for clause in tree["clauses"] if clause["id"] not in ASKING]
    file.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    return folder


def scored(folder: Path, standard: Path) -> Run:
    out = folder.parent / "out"
    out.mkdir()
    with Store(f"sqlite:///{out / 'callqa.db'}") as store:
        return Run(
            folder, out, score_folder(folder, out, load_standard(standard), store, Settings())
        )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, standard: Path) -> Run:
    folder = tmp_path_factory.mktemp("bad") / "recordings"
    folder.mkdir()
    put_good(folder)
    put_bad(folder)
    put_odd(folder)
    rows = (
        f"{GOOD_ROW.splitlines()[0]},kind,started_at\n{GOOD},A05,0,3\nmissing.wav\n"
        "大堂 前台.wav,,,,,13/40/2025\nparcel.wav,,,,parcel\ntwice.wav\ntwice.wav\n"
    )
    (folder / "calls.csv").write_bytes(rows.encode("gb18030"))
    return scored(folder, standard)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, standard: Path) -> Run:
    folder = tmp_path_factory.mktemp("alone") / "recordings"
    folder.mkdir()
    put_good(folder)
    (folder / "calls.csv").write_bytes(b"\xef\xbb\xbf" + GOOD_ROW.encode())
    return scored(folder, standard)


def test_every_file_has_exactly_one_entry(run: Run) -> None:
    assert sorted(run.rows) == sorted([*ERRORS, *SILENT, *ODD, GOOD])


def test_each_bad_file_says_what_it_is_what_it_should_be_and_what_to_do(run: Run) -> None:
    size = (run.folder / "torn.m4a").stat().st_size
    errors = {file: row["error"] for file, row in run.rows.items() if row["error"]}
    assert errors == {file: error.replace("{size}", str(size)) for file, error in ERRORS.items()}


def test_the_good_call_is_scored_as_it_is_alone(run: Run, alone: Run) -> None:
    assert run.card(GOOD) == alone.card(GOOD)
    assert run.card(GOOD).scorecard.score is not None
    assert run.rows[GOOD] == alone.rows[GOOD]


def test_every_warning_has_its_words_in_chinese(run: Run) -> None:
    warnings = [one for call in run.night.judged for one in call.call.warnings]
    assert len(warnings) > 5
    assert [one for one in warnings if note(one, "zh-Hant") == one] == []


def test_where_nobody_speaks_no_score_is_made_up(run: Run) -> None:
    for file in SILENT:
        card = run.card(file).scorecard
        assert (card.score, card.flags, card.deductions) == (None, ("no_speech",), ())
        assert {verdict.status for verdict in card.verdicts} <= {"unjudged", "not_applicable"}
        assert run.card(file).call.utterances == ()


def test_a_ring_is_no_word_and_no_speech(run: Run) -> None:
    call = run.card("only ring.wav").call
    assert [event.kind for event in call.events] == ["ring"] * 3
    assert (call.speech, call.dropped) == ((), ())


def test_what_is_odd_is_heard_and_told(run: Run) -> None:
    told = {
        file: tuple(w for w in run.card(file).call.warnings if not w.startswith("roles: "))
        for file in ODD
    }
    told["cut.mp3"] = tuple(warning[:11] for warning in told["cut.mp3"])
    assert told == ODD
    assert [file for file in ODD if not run.card(file).call.utterances] == []


def test_the_night_is_counted(run: Run) -> None:
    night = run.night
    judged = len(SILENT) + len(ODD) + 1
    assert (len(night.judged), night.heard, night.known) == (judged, judged, 0)
    assert (len(night.failures), night.ignored) == (len(ERRORS), 0)
    assert night.unjudgeable == len(ERRORS) + sum(
        one.scorecard.score is None for one in night.judged
    )


@pytest.fixture
def on_the_command_line(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The arguments; to be filled in before :func:`main` is called."""
    arguments = ["callqa"]
    monkeypatch.setattr(sys, "argv", arguments)
    yield arguments


def test_the_command_line_says_each_line_and_exits_with_3(
    run: Run,
    standard: Path,
    on_the_command_line: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    on_the_command_line += ["score", str(run.folder), "--out", str(run.out)]
    on_the_command_line += ["--standard", str(standard)]
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == Exit.SOME_UNJUDGED
    size = (run.folder / "torn.m4a").stat().st_size
    assert said.err.splitlines() == [
        f"callqa: {file}: {error.replace('{size}', str(size))}"
        for file, error in sorted(ERRORS.items())
    ] + [
        f"callqa: {file}: nothing in it could be judged; expected a conversation. Listen to it."
        for file in SILENT
    ]
    assert "11 calls scored (0 heard now, 11 known before, 2 of them without a score)" in said.out


def test_a_full_disk_under_the_results_stops_with_what_to_do(
    run: Run,
    standard: Path,
    on_the_command_line: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = Path.open

    def full(self: Path, mode: str = "r", *args: object, **options: object) -> object:
        if mode == "x":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))
        return opened(self, mode, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", full)
    before = run.night.written.scores.read_bytes()
    on_the_command_line += ["score", str(run.folder), "--out", str(run.out)]
    on_the_command_line += ["--standard", str(standard)]
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == Exit.USAGE
    assert capsys.readouterr().err.splitlines() == [
        f"callqa: {run.out / 'verdicts.csv'}: No space left on device; expected a file that can be "
        "written. Free some space, or write the results to another disk."
    ]
    assert run.night.written.scores.read_bytes() == before


def test_a_full_disk_is_noticed_before_any_work(
    run: Run, standard: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))

    store = Store(f"sqlite:///{tmp_path / 'callqa.db'}")
    monkeypatch.setattr(Path, "write_bytes", full)
    with store, pytest.raises(OutputError) as error:
        score_folder(run.folder, tmp_path / "out", load_standard(standard), store, Settings())
    assert error.value == OutputError(
        str(tmp_path / "out"),
        "cannot be written (No space left on device)",
        "a folder we may write to, with room on its disk",
        "Free some space, correct its permissions, or give another --out.",
    )


def test_an_output_folder_that_cannot_be_made_is_said(run: Run, standard: Path) -> None:
    with Store("sqlite://") as store, pytest.raises(OutputError) as error:
        score_folder(run.folder, Path("/proc/out"), load_standard(standard), store, Settings())
    assert error.value.where == "/proc/out"


def test_a_full_disk_under_the_store_stops_with_what_to_do(
    run: Run, standard: Path, tmp_path: Path
) -> None:
    file = tmp_path / "callqa.db"
    Store(f"sqlite:///{file}").__exit__(None, None, None)
    with (
        Store(f"sqlite:///file:{file}?mode=ro&uri=true") as store,
        pytest.raises(StoreError) as error,
    ):
        score_folder(run.folder, tmp_path, load_standard(standard), store, Settings())
    assert error.value.got == "the database says: attempt to write a readonly database"
    assert error.value.hint.startswith("Check its path, permissions, free space")
