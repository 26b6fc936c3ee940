"""A folder becomes recordings in a stable order, each known by its content; nothing is lost silently."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import normalize

import pytest

from pipeline.errors import UsageError
from pipeline.intake import Found, Intake, take_in
from pipeline.records import CallRecord, Failure, Recording


def put(folder: Path, *names: str) -> None:
    """Files whose content is their name."""
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name, encoding="utf-8")


def found(folder: Path, file: str, record: CallRecord | None = None) -> Found:
    data = file.encode()
    identity = hashlib.sha256(data).hexdigest()
    recording = Recording(identity, file, len(data), record or CallRecord(file))
    return Found(recording, folder / file)


def test_sound_is_found_at_any_depth_in_the_order_of_paths(tmp_path: Path) -> None:
    put(tmp_path, "b.wav", "a.mp3", "lobby/a b.flac", "大堂/前台 一.wav", "lobby/z/c.m4a")
    assert take_in(tmp_path) == Intake(
        tuple(
            found(tmp_path, file)
            for file in ["a.mp3", "b.wav", "lobby/a b.flac", "lobby/z/c.m4a", "大堂/前台 一.wav"]
        ),
        (),
        0,
    )


def test_what_is_no_sound_is_ignored_and_counted(tmp_path: Path) -> None:
    put(tmp_path, "a.wav", "notes.txt", "plan.xlsx", "callqa.db", "callqa.db-journal", "b.wav.gz")
    put(tmp_path, ".hidden.wav", ".trash/c.wav", "readme.md", "photo.jpg")
    assert take_in(tmp_path) == Intake((found(tmp_path, "a.wav"),), (), 7)


@pytest.mark.parametrize(
    "name",
    [
        *("a.wav.filepart", "a.wav.partial", "a.wav.crdownload", "a.wav.download", "a.WAV.PART"),
        *("a.wav.md5", "a.sha1", "a.wav.sha256", "a.cue", "a.lrc", "a.srt"),
        *("calls.sqlite", "calls.sqlite3", "calls.sqlite-wal", "a.wav~", "calls.csv~"),
        *("night.log.1", "night.log-20261130", "night.log.2026-11-30"),
    ],
)
def test_what_is_unfinished_or_lies_beside_recordings_is_no_recording(
    tmp_path: Path, name: str
) -> None:
    put(tmp_path, "a.wav", name)
    assert take_in(tmp_path) == Intake((found(tmp_path, "a.wav"),), (), 1)


def test_what_was_exported_is_no_recording(tmp_path: Path) -> None:
    """Neither tables nor clips; recordings among whose results they lie are."""
    put(tmp_path, "a.wav", "jan/.callqa.lock", "jan/b.wav", "jan/calls.parquet", "jan/calls.jsonl")
    put(tmp_path, "jan/clips/clips.csv", "jan/clips/a.wav", "list.m3u")
    assert take_in(tmp_path) == Intake(
        (found(tmp_path, "a.wav"), found(tmp_path, "jan/b.wav")), (), 3
    )


def test_a_suffix_nobody_knows_may_be_a_recorders_own(tmp_path: Path) -> None:
    names = ["0001.v3", "0002.vox", "0003", "0004.1", "night.logger.1"]
    put(tmp_path, *names)
    assert [one.recording.file for one in take_in(tmp_path).found] == names


def test_sound_that_shares_its_suffix_with_something_else_is_sound(tmp_path: Path) -> None:
    names = ["a.asf", "b.GSM", "c.mpc", "d.ts", "e.wv"]
    put(tmp_path, *names)
    assert [one.recording.file for one in take_in(tmp_path).found] == names


def test_the_call_record_is_joined_by_path(tmp_path: Path) -> None:
    put(tmp_path, "lobby/a.wav", "b.wav")
    (tmp_path / "calls.csv").write_text("file,agent_id,rings\nlobby/a.wav,A1,many\n")
    assert take_in(tmp_path).found == (
        found(tmp_path, "b.wav"),
        Found(
            found(tmp_path, "lobby/a.wav", CallRecord("lobby/a.wav", "A1")).recording,
            tmp_path / "lobby/a.wav",
            ("calls.csv:2: rings is 'many', expected a whole number; taken as not given",),
        ),
    )


def test_a_name_gives_what_calls_csv_does_not(tmp_path: Path) -> None:
    put(tmp_path, "A07_3.wav", "odd.wav")
    (tmp_path / "calls.csv").write_text("file,agent_id\nA07_3.wav,A99\n")
    pattern = r"(?P<agent_id>A\d+)_(?P<rings>\d+)"
    first, second = take_in(tmp_path, pattern).found
    assert first.recording.record == CallRecord("A07_3.wav", "A99", rings=3)
    assert second.warnings == (f"the name does not fit the pattern {pattern}",)


def test_a_name_adds_columns_to_those_of_calls_csv(tmp_path: Path) -> None:
    put(tmp_path, "north_a1.wav")
    (tmp_path / "calls.csv").write_text("file,shift,desk\nnorth_a1.wav,night,2\n")
    (first,) = take_in(tmp_path, r"(?P<site>[a-z]+)_(?P<desk>\w\d)").found
    assert first.recording.record.tags == (("site", "north"), ("desk", "2"), ("shift", "night"))


@pytest.mark.parametrize(
    ("make", "failure"),
    [
        (
            lambda path: path.mkdir(),
            Failure("x.wav", "a folder", "a sound file", "Rename it; what is inside was searched."),
        ),
        (
            lambda path: path.symlink_to("nowhere"),
            Failure(
                "x.wav",
                "cannot be read (No such file or directory)",
                "a readable sound file",
                "Check its permissions and that it is still there.",
            ),
        ),
        (
            os.mkfifo,
            Failure(
                "x.wav", "a pipe or device", "a sound file", "Remove it, or record into a file."
            ),
        ),
        (
            lambda path: path.touch(),
            Failure(
                "x.wav",
                "an empty file (0 bytes)",
                "a sound file such as wav, mp3, flac, ogg or m4a",
                "Look whether the recorder had room on its disk, or remove the file.",
            ),
        ),
    ],
    ids=["folder", "dangling link", "pipe", "empty file"],
)
def test_what_is_named_like_sound_but_is_none_has_its_entry(
    tmp_path: Path, make: object, failure: Failure
) -> None:
    put(tmp_path, "a.wav")
    make(tmp_path / "x.wav")  # type: ignore[operator]
    assert take_in(tmp_path) == Intake((found(tmp_path, "a.wav"),), (failure,), 0)


def test_what_is_inside_a_folder_named_like_sound_is_found(tmp_path: Path) -> None:
    put(tmp_path, "x.wav/a.wav")
    assert [one.recording.file for one in take_in(tmp_path).found] == ["x.wav/a.wav"]


def test_a_file_that_may_not_be_read_has_its_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a.wav", "b.wav")
    opened = Path.open

    def closed(self: Path, *args: object, **options: object) -> object:
        if self.name == "a.wav":
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return opened(self, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", closed)
    failure = Failure(
        "a.wav",
        "cannot be read (Permission denied)",
        "a readable sound file",
        "Check its permissions and that it is still there.",
    )
    assert take_in(tmp_path) == Intake((found(tmp_path, "b.wav"),), (failure,), 0)


def test_a_folder_that_may_not_be_searched_has_its_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a.wav", "lobby/b.wav")
    searched = os.scandir

    def closed(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path).endswith("lobby"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return searched(path)

    monkeypatch.setattr(os, "scandir", closed)
    failure = Failure(
        "lobby",
        "a folder that cannot be searched (Permission denied)",
        "a folder we may read",
        "Check its permissions.",
    )
    assert take_in(tmp_path) == Intake((found(tmp_path, "a.wav"),), (failure,), 0)


def test_the_same_sound_twice_is_listened_to_once(tmp_path: Path) -> None:
    put(tmp_path, "a.wav")
    (tmp_path / "b.wav").write_bytes((tmp_path / "a.wav").read_bytes())
    first = found(tmp_path, "a.wav")
    failure = Failure(
        "b.wav",
        "the same sound, byte for byte, as a.wav",
        "each call once",
        "Remove one of the two; only the other is listened to.",
        first.recording.id,
    )
    assert take_in(tmp_path) == Intake((first,), (failure,), 0)


def test_of_twins_that_with_a_call_record_is_listened_to(tmp_path: Path) -> None:
    put(tmp_path, "b.wav", "c.wav")
    (tmp_path / "a.wav").write_bytes((tmp_path / "b.wav").read_bytes())
    (tmp_path / "calls.csv").write_text("file,agent_id\nb.wav,A1\n")
    intake = take_in(tmp_path)
    assert intake.found == (
        found(tmp_path, "b.wav", CallRecord("b.wav", "A1")),
        found(tmp_path, "c.wav"),
    )
    assert [failure.file for failure in intake.failures] == ["a.wav"]


def test_two_empty_files_are_not_the_same_sound(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    (tmp_path / "b.wav").touch()
    assert [failure.got for failure in take_in(tmp_path).failures] == [
        "an empty file (0 bytes)"
    ] * 2


def test_a_name_of_bytes_that_are_no_text_is_shown_escaped(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/\xbf\xcd\xcd\xfe.wav"
    Path(os.fsdecode(raw)).write_bytes(b"sound")
    (one,) = take_in(tmp_path).found
    assert one.recording.file == r"\xbf\xcd\xcd\xfe.wav"
    assert one.path.read_bytes() == b"sound"


def test_a_refused_row_keeps_its_file_from_being_judged(tmp_path: Path) -> None:
    put(tmp_path, "a.wav", "b.wav")
    (tmp_path / "calls.csv").write_text("file,kind\na.wav,parcel\n")
    failure = Failure(
        "a.wav",
        "calls.csv:2: kind is 'parcel'",
        "one of call, visit, home_visit",
        "Correct the row and run again.",
    )
    assert take_in(tmp_path) == Intake((found(tmp_path, "b.wav"),), (failure,), 0)


def test_a_file_that_only_calls_csv_knows_has_its_entry(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("file\ngone.wav\n")
    failure = Failure(
        "gone.wav",
        "named in calls.csv but not in the folder",
        "the file beside calls.csv, by its path from there",
        "Correct the name in calls.csv, or bring the file.",
    )
    assert take_in(tmp_path) == Intake((), (failure,), 0)


def test_a_name_in_another_form_of_unicode_means_the_file(tmp_path: Path) -> None:
    file, other = normalize("NFD", "José.wav"), normalize("NFC", "José.wav")
    put(tmp_path, file)
    (tmp_path / "Calls.csv").write_text(f"file,agent_id\n{other},A1\n", encoding="utf-8")
    record = CallRecord(file, "A1")
    assert take_in(tmp_path) == Intake((found(tmp_path, file, record),), (), 0)
    (tmp_path / file).unlink()  # heard, and kept for as long as it may be
    assert take_in(tmp_path, known=[file]) == Intake((), (), 0)


def test_a_row_that_is_wrong_twice_is_one_entry(tmp_path: Path) -> None:
    put(tmp_path, "a.wav")
    (tmp_path / "calls.csv").write_text("file,kind,line\na.wav,parcel,roof\n")
    failure = Failure(
        "a.wav",
        "calls.csv:2: kind is 'parcel' and line is 'roof'",
        "one of call, visit, home_visit; one of front_desk, office",
        "Correct the row and run again.",
    )
    assert take_in(tmp_path) == Intake((), (failure,), 0)


def test_a_refused_row_of_a_file_that_is_not_there_is_one_entry(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("file,kind\ngone.wav,parcel\n")
    failure = Failure(
        "gone.wav",
        "calls.csv:2: kind is 'parcel'",
        "one of call, visit, home_visit",
        "Correct the row and run again.",
    )
    assert take_in(tmp_path) == Intake((), (failure,), 0)


@pytest.mark.parametrize(
    "make",
    [lambda path: path.mkdir(), lambda path: path.symlink_to("/etc/hostname")],
    ids=["folder", "link that leads out"],
)
def test_a_refused_row_of_what_is_no_recording_is_one_entry(tmp_path: Path, make: object) -> None:
    make(tmp_path / "a.wav")  # type: ignore[operator]
    (tmp_path / "calls.csv").write_text("file,kind\na.wav,parcel\n")
    assert [failure.file for failure in take_in(tmp_path).failures] == ["a.wav"]


def test_a_call_that_was_purged_as_a_whole_is_not_missed(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(
        "file,started_at\nold.wav,2026-01-01T10:00:00+08:00\nnew.wav,2026-06-01T10:00:00+08:00\n"
        "when.wav,\n"
    )
    intake = take_in(tmp_path, purged_before=datetime(2026, 3, 1, tzinfo=UTC))
    assert [failure.file for failure in intake.failures] == ["new.wav", "when.wav"]


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("nowhere", "nothing"),
        ("a.wav", "a file"),
        ("x" * 300, "a path that cannot be followed (File name too long)"),
    ],
    ids=["nothing", "file", "too long"],
)
def test_what_is_no_folder_is_said(tmp_path: Path, name: str, what: str) -> None:
    put(tmp_path, "a.wav")
    with pytest.raises(UsageError) as error:
        take_in(tmp_path / name)
    assert error.value == UsageError(
        str(tmp_path / name), what, "a folder of recordings", "Check the path."
    )


def test_a_pattern_that_is_no_expression_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        take_in(tmp_path, "(?P<agent_id>")
    assert (error.value.where, error.value.hint) == ("--name-pattern", "Correct the expression.")


def test_links_that_lead_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/secret.wav", "night/a.wav", "night/b/c.wav")
    night = tmp_path / "night"
    (night / "stolen.wav").symlink_to("../elsewhere/secret.wav")
    (night / "far").symlink_to(tmp_path / "elsewhere")
    (night / "far.wav").symlink_to(tmp_path / "elsewhere")
    (night / "near").symlink_to("b")
    (night / "twin.wav").symlink_to("b/c.wav")
    taken = take_in(night)
    assert [one.recording.file for one in taken.found] == ["a.wav", "b/c.wav"]
    own = "recordings that lie in the folder itself"
    folder = "Copy or mount the folder there, or score it where it lies."
    assert taken.ignored == 1
    assert list(taken.failures) == [
        Failure("far", "a link to a folder elsewhere", own, folder),
        Failure("far.wav", "a link to a folder elsewhere", own, folder),
        Failure(
            "stolen.wav",
            "a link to a file elsewhere",
            own,
            "Copy or mount the file there, or score it where it lies.",
        ),
    ]


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder with 3,000 others inside each other, which must go again: pytest cannot remove them."""
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(3_000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    yield tmp_path
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_folders_as_deep_as_the_system_takes_are_searched(deep: Path) -> None:
    put(deep, "a.wav")
    taken = take_in(deep)
    assert [one.recording.file for one in taken.found] == ["a.wav"]
    assert [one.got for one in taken.failures] == [
        "a folder that cannot be searched (File name too long)"
    ]


def test_a_file_of_terabytes_is_not_read_through(tmp_path: Path) -> None:
    with (tmp_path / "a.wav").open("wb") as file:
        file.truncate(1 << 40)
    assert take_in(tmp_path).failures == (
        Failure(
            "a.wav",
            "a file of 1024 GB",
            "at most 16 GB",
            "Look whether it is a recording at all, or split it into calls.",
        ),
    )


def test_a_folder_that_is_itself_reached_by_a_link_is_searched(tmp_path: Path) -> None:
    put(tmp_path, "real/a.wav")
    (tmp_path / "night").symlink_to("real")
    (tmp_path / "real" / "b.wav").symlink_to("a.wav")
    taken = take_in(tmp_path / "night")
    assert [one.recording.file for one in taken.found] == ["a.wav"]
    assert (taken.failures, taken.ignored) == ((), 1)


def test_a_link_to_a_recording_that_is_found_itself_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "z/b.wav", "z/.hidden.wav")
    (tmp_path / "a.wav").symlink_to("z/b.wav")
    (tmp_path / "again.wav").symlink_to("a.wav")
    (tmp_path / "c.wav").symlink_to("z/.hidden.wav")
    taken = take_in(tmp_path)
    assert [one.recording.file for one in taken.found] == ["c.wav", "z/b.wav"]
    assert (taken.failures, taken.ignored) == ((), 2)


@pytest.mark.parametrize(
    ("rows", "file"),
    [("a.wav,A1\n", "a.wav"), ("b.wav,A1\n", "b.wav")],
    ids=["the link", "the recording"],
)
def test_of_a_link_and_its_recording_that_with_a_call_record_is_heard(
    tmp_path: Path, rows: str, file: str
) -> None:
    put(tmp_path, "b.wav")
    (tmp_path / "a.wav").symlink_to("b.wav")
    (tmp_path / "calls.csv").write_text(f"file,agent_id\n{rows}")
    taken = take_in(tmp_path)
    assert [one.recording.record for one in taken.found] == [CallRecord(file, "A1")]
    assert (taken.failures, taken.ignored) == ((), 1)


def test_a_row_for_a_link_to_a_recording_that_has_its_own_is_told(tmp_path: Path) -> None:
    put(tmp_path, "b.wav")
    (tmp_path / "a.wav").symlink_to("b.wav")
    (tmp_path / "calls.csv").write_text("file,agent_id\na.wav,A2\nb.wav,A1\n")
    taken = take_in(tmp_path)
    assert [one.recording.record for one in taken.found] == [CallRecord("b.wav", "A1")]
    assert taken.failures == (
        Failure(
            "a.wav",
            "a link to b.wav, which has a row of its own in calls.csv",
            "one row a call",
            "Remove one of the two rows.",
        ),
    )
    assert taken.ignored == 0
