"""Some 2,300 damaged recordings, tables and standards: each gives a value or one of our own errors.

Never another exception, a hang, memory without bound, or a word on the terminal. Every case follows
from its name and number, ``damaged("mp3", 17)``, which a failure names; so it can be repeated.
"""

from __future__ import annotations

import csv
import random
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple, fields, replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.callrecords import RecordTable, read_call_records
from pipeline.cli import main
from pipeline.errors import CallqaError, CallRecordError, Exit, RecordingError, StandardError
from pipeline.intake import take_in
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.judge import judge
from pipeline.judge.load import load_standard
from pipeline.listen import sandbox
from pipeline.listen.audio import SAMPLE_RATE, decode, promised_duration_ms
from pipeline.records import CallRecord, Failure
from pipeline.settings import default_standard
from pipeline.show import write_reports
from tests.judge.test_damaged_standard import rich
from tests.show import build
from tests.sound import encoded, hiss, pcm, wave
from tests.test_bad_input import GOOD, GOOD_ROW, excerpt, put_good

OF_EACH = 75
"""Damaged recordings of each format."""

TABLES, STANDARDS, LEXICONS = 400, 200, 200

LONGEST_S = 20.0
MOST_DECODER_KB = 400_000
MOST_GROWTH_KB = 400_000

PLAIN = hiss(0.4, 16_000)
ENCODED = {
    "mp3": ("libmp3lame", 16_000),
    "flac": ("flac", 16_000),
    "ogg": ("libopus", 48_000),
    "m4a": ("aac", 16_000),
    "3gp": ("aac", 16_000),
    "aac": ("aac", 16_000),
    "mka": ("libopus", 48_000),
    "mov": ("pcm_s16le", 8_000),
    "amr": ("libopencore_amrnb", 8_000),
    "wv": ("wavpack", 16_000),
    "tta": ("tta", 16_000),
    "caf": ("pcm_s16be", 8_000),
    "aiff": ("pcm_s16be", 8_000),
    "au": ("pcm_mulaw", 8_000),
    "avi": ("libmp3lame", 16_000),
    "ts": ("mp2", 16_000),
    "w64": ("pcm_s16le", 8_000),
}
FORMATS = ("wav", "alaw", *ENCODED)
EXTREMES = [
    bytes.fromhex(x)
    for x in ["ffffffff", "7fffffff", "00000000", "80000000", "ffffff7f", "00000080", "01000000"]
]
SUFFIXES = (".wav", ".mp3", ".g722", ".aac", ".dat", "")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A healthy recording of 0.4 s of each format."""
    folder = tmp_path_factory.mktemp("clips")
    made = {
        "wav": wave(pcm(np.stack([PLAIN, PLAIN[::-1]], 1)), rate=16_000, channels=2),
        "alaw": wave((np.abs(PLAIN) * 255).astype(np.uint8).tobytes(), bits=8, code=6),
    }
    for suffix, (codec, rate) in ENCODED.items():
        sound = hiss(0.4, rate)
        made[suffix] = encoded(folder / f"clip.{suffix}", sound, codec, rate).read_bytes()
    return made


def damaged(clips: dict[str, bytes], name: str, number: int) -> tuple[str, bytes]:
    """A suffix and content, always the same for a name and number."""
    luck = random.Random(f"{name}:{number}")
    whole = bytearray(clips[name])
    suffix = ".wav" if name == "alaw" else f".{name}"
    how = luck.choice(["cut", "flip", "head", "extreme", "splice", "repeat", "rename", "other"])
    if how == "cut":
        del whole[luck.randrange(len(whole)) :]
    elif how == "flip":
        for _ in range(luck.choice([1, 3, 10, 100])):
            whole[luck.randrange(len(whole))] ^= 1 << luck.randrange(8)
    elif how == "head":
        for _ in range(luck.choice([1, 2, 4, 8])):
            whole[luck.randrange(min(256, len(whole)))] = luck.randrange(256)
    elif how == "extreme":
        for _ in range(luck.choice([1, 2])):
            at = luck.randrange(min(1_024, len(whole) - 4))
            whole[at : at + 4] = luck.choice(EXTREMES)
    elif how == "splice":
        other = clips[luck.choice(FORMATS)]
        whole = whole[: luck.randrange(len(whole))] + other[luck.randrange(len(other)) :]
    elif how == "repeat":
        at, size = luck.randrange(len(whole)), luck.randrange(1, 400)
        whole[at:at] = whole[at : at + size] * luck.randrange(1, 20)
    elif how == "rename":
        suffix = luck.choice(SUFFIXES)
    else:
        whole = bytearray(
            luck.choice(
                [b"", b"\0", luck.randbytes(300), "這是文字。\n".encode() * 9, b"\xff" * 999]
            )
        )
    return suffix, bytes(whole)


def told(error: CallqaError | Failure) -> bool:
    """Whether it says where, what was found, what was expected and what to do."""
    return all(isinstance(part, str) and part for part in astuple(error)[:4])


def what_went_wrong(work: Callable[[], object], *ours: type[CallqaError]) -> str | None:
    """Of one case; ``None`` when it gave a value or one of our errors in time."""
    began = time.perf_counter()
    try:
        work()
    except ours as error:
        if not told(error):
            return f"an error that does not tell: {error!r}"
    except Exception as error:  # noqa: BLE001  the very thing that is looked for
        return repr(error)[:300]
    seconds = time.perf_counter() - began
    return f"{seconds:.1f} s" if seconds > LONGEST_S else None


def memory_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.fixture(autouse=True)
def quiet(capfd: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing is printed, least of all by a library."""
    yield
    if "whole" not in request.node.name:
        assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", FORMATS)
def test_a_damaged_recording_is_sound_or_says_why_not(
    clips: dict[str, bytes], tmp_path: Path, name: str
) -> None:
    before = memory_kb()
    wrong = {}

    def unpack(file: Path) -> None:
        sound = decode(file)
        assert sound.samples.dtype == np.float16
        assert sound.channels in (1, 2)
        recorded = sound.samples.astype(np.float32) * 10 ** (-sound.gain_db / 20)
        assert float(np.abs(recorded).max()) <= 1 + 2**-11
        promised_duration_ms(file)

    for number in range(OF_EACH):
        suffix, content = damaged(clips, name, number)
        file = tmp_path / f"call{suffix}"
        file.write_bytes(content)
        if what := what_went_wrong(lambda file=file: unpack(file), RecordingError):  # type: ignore[misc]
            wrong[f"damaged({name!r}, {number})"] = what
        file.unlink()
    assert wrong == {}
    assert memory_kb() - before < MOST_GROWTH_KB
    assert [peak for peak in decoder_peaks_kb() if peak > MOST_DECODER_KB] == []


def decoder_peaks_kb() -> list[int]:
    """The most memory each decoder has had."""
    if sys.platform != "linux":
        return []
    said = [Path(f"/proc/{one._process.pid}/status").read_text().split() for one in sandbox._free]
    return [int(words[words.index("VmHWM:") + 1]) for words in said]


def test_every_damaged_file_of_a_folder_has_one_entry(
    clips: dict[str, bytes], tmp_path: Path
) -> None:
    for name in FORMATS:
        for number in range(12):
            suffix, content = damaged(clips, name, number)
            (tmp_path / f"{name}-{number}{suffix}").write_bytes(content)
    taken = take_in(tmp_path)
    listed = [one.recording.file for one in taken.found] + [one.file for one in taken.failures]
    assert sorted(listed) == sorted(file.name for file in tmp_path.iterdir())
    assert taken.ignored == 0
    assert [one for one in taken.failures if not told(one)] == []


CELLS = [
    "", "a.wav", "大堂.wav", "../a.wav", "/etc/passwd", "a\0b.wav", "x" * 300 + ".wav", "x" * 140_000,
    "=cmd|' /C calc'!A0", '"', '""', "'", ",", ";", "\t", "\r", "\n", "\r\n", "2025-03-11T09:42:10+08:00",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2025-02-30", "１２", "-1", "1e308", "inf",
    "nan", "0x1", "parcel", "CALL", "front_desk", "outbound", "customer", "2", "\ufeff", "\u202e", "\x1b[2J",
    "<script>", "{{x}}", "file", "\ud7ff", "😀", "陳大文", "C:\\a.wav", "s3://b/c.wav",
]  # fmt: skip
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "big5hkscs", "utf-16", "latin-1")
RIGHT = {
    "agent_id": "A07",
    "started_at": "2026-02-17T09:42:10",
    "kind": "visit",
    "line": "office",
    "direction": "outbound",
    "rings": "4",
    "released_by": "agent",
    "agent_channel": "1",
}
HEADS = ["file", *RIGHT, "部門"]


def table(number: int) -> bytes:
    """A damaged calls.csv."""
    luck = random.Random(f"table:{number}")
    separator = luck.choice([",", ";", "\t"])
    heads = luck.sample(HEADS, luck.randrange(1, len(HEADS) + 1))
    if luck.random() < 0.9 and "file" not in heads:
        heads.insert(0, "file")
    rows = [heads]
    for index in range(luck.randrange(6)):
        cells = [luck.choice([luck.choice(CELLS), RIGHT.get(head, "x")]) for head in heads]
        cells += [luck.choice(CELLS)] * luck.choice([0, 0, 1])
        if luck.random() < 0.7:
            cells[min(heads.index("file") if "file" in heads else 0, len(cells) - 1)] = (
                f"{index}.wav"
            )
        rows.append(cells)
    quote = luck.random() < 0.5
    lines = (
        separator.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' if quote else cell for cell in row)
        for row in rows
    )
    text = luck.choice(["\n", "\r\n", "\r"]).join(lines)
    data = bytearray(text.encode(luck.choice(ENCODINGS), "replace"))
    for _ in range(luck.choice([0, 0, 1, 5])):
        data[luck.randrange(len(data))] = luck.randrange(256)
    if luck.random() < 0.2:
        del data[luck.randrange(len(data) + 1) :]
    return bytes(data)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[CallRecord]:
    """Every record that damaged tables give."""
    folder = tmp_path_factory.mktemp("tables")
    for index in range(6):
        (folder / f"{index}.wav").write_bytes(b"x")
    wrong, given = {}, []

    def read() -> None:
        said: RecordTable = read_call_records(folder)
        for one in said.failures:
            assert told(one)
        assert set(said.warnings) <= set(said.records)
        assert not [
            file for file in said.records if file.startswith("/") or ".." in file.split("/")
        ]
        given.extend(said.records.values())

    for number in range(TABLES):
        (folder / "calls.csv").write_bytes(table(number))
        if what := what_went_wrong(read, CallRecordError):
            wrong[f"table({number})"] = what
    assert wrong == {}
    return given


def test_a_damaged_table_is_read_or_says_why_not(records: list[CallRecord]) -> None:
    assert len(records) > TABLES / 2
    given = {one.name for one in fields(CallRecord) if any(getattr(r, one.name) for r in records)}
    assert given == {one.name for one in fields(CallRecord)}


def test_whatever_a_table_says_can_be_judged_and_shown(
    records: list[CallRecord], tmp_path: Path
) -> None:
    standard = load_standard(default_standard())
    talk = dialogue([{"agent": "您好，物業管理處。"}, {"customer": "再見。"}, {"agent": "再見。"}])
    odd = [one for one in records if one.started_at or one.rings or one.agent_id]
    wrong, shown = {}, []
    for number, record in enumerate(odd[:: len(odd) // 25]):
        named = replace(record, file=f"{number}.wav")
        call = call_of(talk)
        call = replace(call, recording=replace(call.recording, record=named))
        if what := what_went_wrong(lambda call=call: judge(call, standard)):  # type: ignore[misc]
            wrong[repr(record)] = what
        plain = build.judged(named.file)
        recording = replace(plain.call.recording, record=named)
        shown.append(replace(plain, call=replace(plain.call, recording=recording)))
    assert wrong == {}
    for language in ("zh-Hant", "en"):
        write_reports(shown, [], build.OUTLINE, tmp_path, language)


JUNK = [
    "", " ", "\t", "#", ":", "- ", "{", "}", "[", "]", "&a ", "*a", "!!int ", "!", "|", ">", "'", '"', "%",
    "~", "null", "yes", ".inf", "-.nan", "1e999", "9" * 5_000, "0x_", "2025-02-30", "1:60:60", "<<: ", "? ",
    "---", "...", "\0", "\x85", "\u2028", "\ufeff", "😀", "(", ")", "(|)", "{org}", "{x}", "!!", "*3", "*0",
    "＊", "|" * 300, "(一|二)" * 20, "您" * 200, "-1", "0s", "99999999999s", "1.5.5s", "../x", "=1+1",
]  # fmt: skip


def torn(text: str, luck: random.Random) -> bytes:
    """A text that people wrote, after an accident or two."""
    lines = text.splitlines()
    for _ in range(luck.choice([1, 1, 2, 3])):
        at = luck.randrange(len(lines))
        line = lines[at]
        place = luck.randrange(len(line) + 1)
        how = luck.choice(
            ["lose", "double", "swap", "indent", "cut", "junk", "value", "digits", "digits"]
        )
        if how == "lose" and len(lines) > 1:
            del lines[at]
        elif how == "double":
            lines[at:at] = [line] * luck.choice([1, 2, 50])
        elif how == "swap":
            other = luck.randrange(len(lines))
            lines[at], lines[other] = lines[other], line
        elif how == "indent":
            lines[at] = " " * luck.randrange(1, 5) + line
        elif how == "cut":
            lines[at] = line[:place]
        elif how == "digits":
            lines[at] = re.sub(r"\d", lambda _: str(luck.randrange(10)), line)
        elif how == "value" and ":" in line:
            lines[at] = f"{line.partition(':')[0]}: {luck.choice(JUNK)}"
        else:
            lines[at] = line[:place] + luck.choice(JUNK) + line[place:]
    data = bytearray("\n".join(lines).encode())
    if luck.random() < 0.2 and data:
        data[luck.randrange(len(data))] = luck.randrange(256)
    return bytes(data)


@pytest.mark.parametrize(("kind", "count"), [("standard", STANDARDS), ("lexicon", LEXICONS)])
def test_a_damaged_standard_judges_or_says_why_not(tmp_path: Path, kind: str, count: int) -> None:
    folder = rich(tmp_path)
    lexicon = folder / "greeting.txt"
    lexicon.write_text(
        "# 問候\n您好|(您)早\n請(您)稍(等|候) *2\n!您好嗎\n再見 *3\n", encoding="utf-8"
    )
    file = folder / "standard.yaml" if kind == "standard" else lexicon
    healthy = file.read_text(encoding="utf-8")
    call = call_of(dialogue([{"agent": "您好。"}, {"customer": "漏水了。"}, {"agent": "再見。"}]))
    wrong, judged = {}, []

    def go() -> None:
        judged.append(judge(call, load_standard(folder)))

    go()
    for number in range(count):
        file.write_bytes(torn(healthy, random.Random(f"{kind}:{number}")))
        if what := what_went_wrong(go, StandardError):
            wrong[f"{kind}:{number}"] = what
    assert wrong == {}
    assert len(judged) > count / 16


def test_the_whole_command_scores_the_healthy_among_the_damaged(
    clips: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    night = tmp_path / "night"
    night.mkdir()
    put_good(night)
    talk = excerpt(13.5, 24)
    (night / "fine.wav").write_bytes(wave(pcm(talk), rate=SAMPLE_RATE, channels=2))
    (night / "calls.csv").write_text(GOOD_ROW, encoding="utf-8")
    for name in FORMATS:
        for number in range(OF_EACH, OF_EACH + 2):
            suffix, content = damaged(clips, name, number)
            (night / f"{name}-{number}{suffix}").write_bytes(content)
    out = tmp_path / "out"
    monkeypatch.setattr(sys, "argv", ["callqa", "score", str(night), "--out", str(out)])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capfd.readouterr()
    assert ended.value.code == Exit.SOME_UNJUDGED
    assert "Traceback" not in said.err + said.out
    assert "bug of ours" not in said.err
    with (out / "scores.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["file"]: row for row in csv.DictReader(stream)}
    assert sorted(rows) == sorted(file.name for file in night.iterdir() if file.name != "calls.csv")
    assert all(float(rows[file]["score"]) > 0 for file in (GOOD, "fine.wav"))
    assert sum(bool(row["error"]) for row in rows.values()) >= 10
