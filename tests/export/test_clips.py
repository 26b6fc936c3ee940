"""Evidence to listen to: which clips, named how, of the right recordings only."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from pipeline.cli import callqa
from pipeline.errors import Exit
from pipeline.export import ClipOrder, Clips, Order, export_clips
from pipeline.listen.clips import cut
from pipeline.records import Evidence, Failure, Judged, Reason, Span, Verdict
from pipeline.store import Store
from pipeline.store.extract import Wanted
from pipeline.store.purging import purge_words
from tests.export.made import NUMBER, keep
from tests.show.build import GREETING, OUTLINE, UNIFORM, judged, utterance
from tests.sound import hiss, pcm, wave

RATE = 8_000
SOUND = wave(pcm(np.stack([hiss(12, seed=5), hiss(12, seed=6)], axis=1)), channels=2)
SHA = hashlib.sha256(SOUND).hexdigest()
NUMBER_AT = Span(5_000, 7_000)
"""When the number of ten digits is said; then follow 100 ms on either side."""

TOLD = Verdict(
    "4.1.7.1", "fail", Reason.of("x"), (Evidence(), Evidence(Span(6_500, 8_000), quote="什麼"))
)
NOWHERE = Verdict("4.1.8.2", "fail", Reason.of("rings_many"), (Evidence(measured=4),))
OPEN = Verdict("5.1/x", "unjudged", Reason.of("x"), (Evidence(Span(500, 900)),))


def recorded(file: str, sound: bytes = SOUND) -> Judged:
    made = judged(
        file,
        verdicts=(GREETING, TOLD, NOWHERE, UNIFORM),
        talk=(utterance("customer", 4_000, f"我的電話是{NUMBER}"[:5] + NUMBER),),
    )
    identity = hashlib.sha256(sound).hexdigest()
    recording = replace(made.call.recording, id=identity, size_bytes=len(sound))
    card = replace(made.scorecard, recording_id=identity, verdicts=(*made.scorecard.verdicts, OPEN))
    return replace(made, call=replace(made.call, recording=recording), scorecard=card)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "recordings" / "lobby").mkdir(parents=True)
    (tmp_path / "recordings" / "lobby" / "1.wav").write_bytes(SOUND)
    (tmp_path / "out").mkdir()
    with Store(f"sqlite:///{tmp_path / 'out' / 'callqa.db'}") as opened:
        keep(opened, [recorded("lobby/1.wav")])
        yield opened


def order(tmp_path: Path, **more: object) -> ClipOrder:
    wanted = ClipOrder(Order(Wanted(OUTLINE.id)), tmp_path / "recordings")
    return replace(wanted, **more)  # type: ignore[arg-type]


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "clips.csv").read_text(encoding="utf-8").splitlines()))


def test_a_failed_verdict_gives_a_clip_and_a_row(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "clips"
    assert export_clips(store, order(tmp_path), target) == Clips(1, 1, [])
    name = f"{SHA[:16]}_4.1.7.1.wav"
    content = (target / name).read_bytes()
    assert sorted(path.name for path in target.iterdir()) == sorted([name, "clips.csv"])
    (row,) = rows(target)
    assert {key: value for key, value in row.items() if key != "judged_version"} == {
        "clip": name,
        "file": "lobby/1.wav",
        "clause": "4.1.7.1",
        "status": "fail",
        "start_s": "4.5",
        "end_s": "10.0",
        "evidence_start_s": "6.5",
        "evidence_end_s": "8.0",
        "silenced_s": "2.2",
        "sha256": hashlib.sha256(content).hexdigest(),
        "recording_sha256": SHA,
        "engine": "faster-whisper",
        "model": "base",
        "weights_sha256": "ab" * 32,
        "callqa_version": "0.1.0",
        "standard": OUTLINE.id,
        "standard_sha256": OUTLINE.sha256,
        "judged_run": "",
    }


def test_a_clip_holds_all_that_is_quoted_of_one_person_within_a_minute(
    store: Store, tmp_path: Path
) -> None:
    said = [
        Evidence(Span(1_000, 1_500), "customer", "太過分了"),
        Evidence(Span(6_500, 7_000), "agent", "不歸我管"),
        Evidence(Span(4_000, 4_500), "agent", "我才不怕你"),
        Evidence(Span(80_000, 81_000), "agent", "再說"),
    ]
    made = recorded("lobby/1.wav")
    quarrel = Verdict("4.1.7.1", "fail", Reason.of("x"), tuple(said))
    keep(store, [replace(made, scorecard=replace(made.scorecard, verdicts=(quarrel,)))])
    export_clips(store, order(tmp_path), tmp_path / "clips")
    (row,) = rows(tmp_path / "clips")
    assert (row["evidence_start_s"], row["evidence_end_s"]) == ("4.0", "7.0")


def samples(path: Path) -> np.ndarray:
    with path.open("rb") as stream:
        (clip,) = cut(stream, path, [Span(0, 60_000)], ())
    return clip.samples


@pytest.mark.parametrize("form", ["wav", "flac"])
def test_the_number_is_silent_and_the_rest_as_recorded(
    store: Store, tmp_path: Path, form: str
) -> None:
    export_clips(store, order(tmp_path, form=form), tmp_path / "clips")
    found = samples(tmp_path / "clips" / f"{SHA[:16]}_4.1.7.1.{form}")
    true = samples(tmp_path / "recordings" / "lobby" / "1.wav")[:, int(4.5 * RATE) : 10 * RATE]
    assert found.shape == true.shape
    low, high = ((at - 4_500) * 8 for at in (NUMBER_AT.start_ms - 100, NUMBER_AT.end_ms + 100))
    assert not found[:, low:high].any()
    assert np.array_equal(found[:, : low - 40], true[:, : low - 40])
    assert np.array_equal(found[:, high + 40 :], true[:, high + 40 :])


def test_unmasked_is_as_recorded(store: Store, tmp_path: Path) -> None:
    calls = Order(Wanted(OUTLINE.id), unmasked=True)
    export_clips(store, order(tmp_path, calls=calls), tmp_path / "clips")
    found = samples(tmp_path / "clips" / f"{SHA[:16]}_4.1.7.1.wav")
    true = samples(tmp_path / "recordings" / "lobby" / "1.wav")[:, int(4.5 * RATE) : 10 * RATE]
    assert np.array_equal(found, true)


def test_what_was_left_open_is_cut_on_request(store: Store, tmp_path: Path) -> None:
    done = export_clips(store, order(tmp_path, unjudged=True, margin_ms=0), tmp_path / "clips")
    assert done == Clips(2, 1, [])
    assert [(one["clip"], one["start_s"], one["end_s"]) for one in rows(tmp_path / "clips")] == [
        (f"{SHA[:16]}_4.1.7.1.wav", "6.5", "8.0"),
        (f"{SHA[:16]}_5.1-x.wav", "0.5", "0.9"),
    ]


def test_only_clauses_that_were_asked_for_are_cut(store: Store, tmp_path: Path) -> None:
    calls = Order(Wanted(OUTLINE.id), failed=("4.1.8.2",))
    assert export_clips(store, order(tmp_path, calls=calls), tmp_path / "clips") == Clips(0, 1, [])
    assert rows(tmp_path / "clips") == []


HINT = "Give the folder that was scored with --recordings."


@pytest.mark.parametrize(
    ("file", "content", "got", "expected"),
    [
        ("gone.wav", None, "cannot be read (No such file or directory)", "the recording"),
        ("changed.wav", b"other", f"SHA-256 {hashlib.sha256(b'other').hexdigest()}", "{id}, as heard"),
        ("../out/callqa.db", None, "a name that leads out of the folder", "a file below --recordings"),
        ("/etc/passwd", None, "a name that leads out of the folder", "a file below --recordings"),
    ],
)  # fmt: skip
def test_a_recording_that_is_not_the_one_that_was_heard_is_said(
    store: Store, tmp_path: Path, file: str, content: bytes | None, got: str, expected: str
) -> None:
    other = recorded(file, b"as it was heard")
    keep(store, [other])
    if content is not None:
        (tmp_path / "recordings" / file).write_bytes(content)
    expected = expected.format(id=other.scorecard.recording_id)
    assert export_clips(store, order(tmp_path), tmp_path / "clips") == Clips(
        1, 2, [Failure(file, got, expected, HINT)]
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [(b"line\nend.wav", "lobby/line\\x0aend.wav"), (b"odd\xff.wav", "lobby/odd\\xff.wav")],
)
def test_a_recording_is_found_whatever_its_name_holds(
    store: Store, tmp_path: Path, name: bytes, shown: str
) -> None:
    sound = wave(pcm(np.stack([hiss(12, seed=7), hiss(12, seed=8)], axis=1)), channels=2)
    (tmp_path / "recordings/lobby" / os.fsdecode(name)).write_bytes(sound)
    keep(store, [recorded(shown, sound)])
    assert export_clips(store, order(tmp_path), tmp_path / "clips") == Clips(2, 2, [])
    assert sorted(row["file"] for row in rows(tmp_path / "clips")) == ["lobby/1.wav", shown]


def test_a_call_without_words_is_not_cut_unless_unmasked(store: Store, tmp_path: Path) -> None:
    purge_words(store.database, [SHA])
    done = export_clips(store, order(tmp_path), tmp_path / "clips")
    why = "a call whose words were purged", "the words, to know what to silence"
    hint = "Leave it out, or cut it with --unmasked if everything in it may be heard."
    assert done == Clips(0, 1, [Failure("lobby/1.wav", *why, hint)])
    calls = Order(Wanted(OUTLINE.id), unmasked=True)
    assert export_clips(store, order(tmp_path, calls=calls), tmp_path / "clips").written == 1


def test_the_command_tells_and_exits_with_3(store: Store, tmp_path: Path) -> None:
    keep(store, [recorded("gone.wav", b"gone")])
    out = ["--out", str(tmp_path / "out")]
    where = ["--recordings", str(tmp_path / "recordings")]
    target = str(tmp_path / "clips")
    done = CliRunner().invoke(
        callqa, ["export", target, "--audio", *out, *where], standalone_mode=False
    )
    assert done.return_value == Exit.SOME_UNJUDGED
    assert done.stdout == (
        f"1 clips in {target}, 2 verdicts without a place in the sound, "
        "1 recordings could not be cut.\n"
    )
    done = CliRunner().invoke(
        callqa, ["export", target, "--audio", "--json", *out, *where], standalone_mode=False
    )
    assert json.loads(done.stdout) == {
        "clips": 1,
        "without_a_place": 2,
        "failures": [
            {
                "file": "gone.wav",
                "got": "cannot be read (No such file or directory)",
                "expected": "the recording",
                "hint": HINT,
                "recording_id": None,
                "passing": False,
            }
        ],
        "folder": target,
    }
