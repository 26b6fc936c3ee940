"""Scored calls leave the store as tables, masked, whole, and saying what made them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from pipeline.errors import OutputError, UsageError
from pipeline.export import Exported, Order, export
from pipeline.export.columns import AGENTS, CALLS, TABLES, UTTERANCES, VERDICTS
from pipeline.records import CallRecord, Failure
from pipeline.store import Store
from pipeline.store.extract import Wanted, standard_in_store
from pipeline.store.purging import purge_words
from tests.export.made import HIDDEN, NUMBER, ONE, THREE, TWO, begun, keep
from tests.show.build import OUTLINE, PROVENANCE, judged

ORDER = Order(
    Wanted(OUTLINE.id),
    language="en",
    titles={clause.id: clause.title for clause in OUTLINE.clauses},
)
MADE_BY = {
    "engine": "faster-whisper",
    "model": "base",
    "weights_sha256": PROVENANCE.weights_sha256,
    "callqa_version": "0.1.0",
    "listened_at": "2026-03-09T20:15:00+00:00",
    "heard_run": None,
    "standard": "property-reception",
    "standard_sha256": OUTLINE.sha256,
    "judged_at": "2026-03-10T06:30:00+00:00",
    "judged_run": None,
}


@pytest.fixture
def store(any_url: str) -> Iterator[Store]:
    with Store(any_url) as opened:
        keep(opened)
        yield opened


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def without_version(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "judged_version"}


def test_calls_are_rows_that_say_what_made_them(store: Store, tmp_path: Path) -> None:
    done = export(store, ORDER, tmp_path / "out", "jsonl")
    assert done == Exported(
        3, 0, tuple(tmp_path / "out" / f"{table.name}.jsonl" for table in TABLES)
    )
    rows = lines(tmp_path / "out" / "calls.jsonl")
    assert [list(row) for row in rows] == [[column.name for column in CALLS.columns]] * 3
    assert [row["file"] for row in rows] == ["3.wav", "=2.wav", "lobby/1.wav"]
    assert without_version(rows[2]) == {
        "file": "lobby/1.wav",
        "day": "2026-03-02",
        "started_at": "2026-03-02T09:30:00",
        "agent_id": "A07",
        "kind": "call",
        "line": "front_desk",
        "direction": None,
        "duration_s": 9.0,
        "score": 80.0,
        "passed": 1,
        "applicable": 3,
        "passed_share": 0.3333,
        "unjudged": 1,
        "failed_clauses": "4.1.7.1;4.1.8.2",
        "flags": "critical",
        "situations": "",
        "words": "kept",
        "recording_sha256": ONE.scorecard.recording_id,
        **MADE_BY,
    }


def test_verdicts_are_rows_in_the_standards_order(store: Store, tmp_path: Path) -> None:
    export(store, ORDER, tmp_path, "jsonl")
    rows = [row for row in lines(tmp_path / "verdicts.jsonl") if row["file"] == "lobby/1.wav"]
    assert [list(row) for row in rows] == [[column.name for column in VERDICTS.columns]] * 4
    assert [(row["clause"], row["status"]) for row in rows] == [
        ("4.1.2.2", "pass"),
        ("4.1.7.1", "fail"),
        ("4.1.8.2", "fail"),
        ("4.2.5.1", "unjudged"),
    ]
    assert without_version(rows[2]) == {
        "file": "lobby/1.wav",
        "clause": "4.1.8.2",
        "title": "不發脾氣",
        "status": "fail",
        "confidence": 0.7,
        "reason": "the voice is raised 1 time(s)",
        "start_s": 4.0,
        "end_s": 6.6,
        "role": "customer",
        "quote": f"我的電話{HIDDEN}",
        "measured": 8.5,
        "threshold": 6.0,
        "unit": "dB",
        "day": "2026-03-02",
        "agent_id": "A07",
        "reason_code": "voice_raised",
        "recording_sha256": ONE.scorecard.recording_id,
        **MADE_BY,
    }


def test_utterances_are_rows_in_order_of_time(store: Store, tmp_path: Path) -> None:
    export(store, ORDER, tmp_path, "jsonl")
    rows = [row for row in lines(tmp_path / "utterances.jsonl") if row["file"] == "lobby/1.wav"]
    assert [list(row) for row in rows] == [[column.name for column in UTTERANCES.columns]] * 4
    assert without_version(rows[3]) == {
        "file": "lobby/1.wav",
        "number": 4,
        "start_s": 4.0,
        "end_s": 6.8,
        "role": "customer",
        "channel": 1,
        "text": f"我的電話{HIDDEN}",
        "probability": 0.9,
        "recording_sha256": ONE.scorecard.recording_id,
        **MADE_BY,
    }


def test_agents_are_rows_and_calls_of_nobody_come_last(store: Store, tmp_path: Path) -> None:
    export(store, ORDER, tmp_path, "jsonl")
    rows = lines(tmp_path / "agents.jsonl")
    assert [list(row) for row in rows] == [[column.name for column in AGENTS.columns]] * 3
    assert [row["agent_id"] for row in rows] == ["A07", "A09", None]
    made = {name: MADE_BY[name] for name in ("engine", "model", "weights_sha256")}
    assert without_version(rows[0]) == {
        "agent_id": "A07",
        "calls": 1,
        "scored": 1,
        "mean_score": 80.0,
        "lowest_score": 80.0,
        "critical": 1,
        "passed": 1,
        "applicable": 3,
        "passed_share": 0.3333,
        "often_failed": "4.1.7.1;4.1.8.2",
        "first_day": "2026-03-02",
        "last_day": "2026-03-02",
        **made,
        "callqa_version": "0.1.0",
        "standard": "property-reception",
        "standard_sha256": OUTLINE.sha256,
        "judged_run": None,
    }


def test_csv_says_the_same_and_starts_no_formula(store: Store, tmp_path: Path) -> None:
    export(store, ORDER, tmp_path / "lines", "jsonl")
    export(store, ORDER, tmp_path / "csv", "csv")
    for table in TABLES:
        text = (tmp_path / "csv" / f"{table.name}.csv").read_text(encoding="utf-8")
        found = list(csv.DictReader(text.splitlines()))
        wanted = [
            {name: _cell(value) for name, value in row.items()}
            for row in lines(tmp_path / "lines" / f"{table.name}.jsonl")
        ]
        assert found == wanted
    assert "'=2.wav" in text or "'=2.wav" in (tmp_path / "csv" / "calls.csv").read_text("utf-8")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"'{value}" if str(value).startswith("=") else str(value)


def test_parquet_has_typed_columns(store: Store, tmp_path: Path) -> None:
    export(store, ORDER, tmp_path, "parquet")
    calls = pyarrow.parquet.read_table(tmp_path / "calls.parquet")
    assert [calls.schema.field(name).type for name in ("file", "day", "score", "passed")] == [
        pyarrow.string(),
        pyarrow.date32(),
        pyarrow.float64(),
        pyarrow.int64(),
    ]
    assert calls.schema.field("judged_at").type == pyarrow.timestamp("ms", tz="UTC")
    row = calls.to_pylist()[2]
    assert (row["day"], row["listened_at"], row["score"], row["passed"]) == (
        date(2026, 3, 2),
        datetime(2026, 3, 9, 20, 15, tzinfo=UTC),
        80.0,
        1,
    )
    assert calls.column("score").to_pylist() == [None, 100.0, 80.0]
    verdicts = pyarrow.parquet.read_table(tmp_path / "verdicts.parquet")
    assert verdicts.num_rows == 5
    assert verdicts.schema.names == [column.name for column in VERDICTS.columns]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_personal_data_is_masked_unless_asked_otherwise(
    store: Store, tmp_path: Path, form: Any
) -> None:
    def written(order: Order) -> str:
        return "".join(
            path.read_text(encoding="utf-8") for path in export(store, order, tmp_path, form).files
        )

    assert NUMBER not in written(ORDER)
    assert written(replace(ORDER, unmasked=True)).count(NUMBER) == 2


@pytest.mark.parametrize(
    ("wanted", "failed", "files"),
    [
        ({}, (), ["3.wav", "=2.wav", "lobby/1.wav", "night.wav"]),
        ({"since": date(2026, 3, 9)}, (), ["night.wav"]),
        ({"since": date(2026, 3, 2), "until": date(2026, 3, 2)}, (), ["3.wav", "=2.wav", "lobby/1.wav"]),
        ({"until": date(2026, 3, 1)}, (), []),
        ({"agents": ("A07",)}, (), ["lobby/1.wav", "night.wav"]),
        ({"agents": ("A07", "A09"), "below": 101.0}, (), ["lobby/1.wav", "night.wav"]),
        ({"below": 80.0}, (), []),
        ({"below": 100.0}, (), ["lobby/1.wav", "night.wav"]),
        ({}, ("4.1.8.2",), ["lobby/1.wav", "night.wav"]),
        ({}, ("4.1.2.2",), []),
    ],
)  # fmt: skip
def test_calls_can_be_chosen(
    store: Store, tmp_path: Path, wanted: dict[str, Any], failed: tuple[str, ...], files: list[str]
) -> None:
    keep(store, [begun(judged("night.wav"), None)])
    order = replace(ORDER, wanted=replace(ORDER.wanted, **wanted), failed=failed)
    done = export(store, order, tmp_path, "jsonl")
    assert [row["file"] for row in lines(tmp_path / "calls.jsonl")] == files
    assert done.calls == len(files)


def test_a_call_that_was_replaced_under_its_name_is_in_no_table(
    store: Store, tmp_path: Path
) -> None:
    """As in the reports: by a later one, or by what then could not be judged; its scorecard is kept."""
    other = judged("lobby/1.wav", 60.0)
    recording = replace(other.call.recording, id="1" * 64)
    other = replace(
        other,
        call=replace(other.call, recording=recording),
        scorecard=replace(other.scorecard, recording_id="1" * 64),
    )
    failed = Failure("3.wav", "no sound", "a sound file", "Record it anew.", "3" * 64)
    with store.run("score", "{}", OUTLINE) as run:
        for one in (ONE, THREE, other):
            store.keep_scored(run, one.call, (), one.scorecard, "/calls")
        run.fail(failed, "/calls")
    export(store, ORDER, tmp_path, "jsonl")
    assert [(row["file"], row["score"]) for row in lines(tmp_path / "calls.jsonl")] == [
        ("=2.wav", 100.0),
        ("lobby/1.wav", 60.0),
    ]


def test_a_call_counts_to_the_day_on_its_own_clock(store: Store, tmp_path: Path) -> None:
    late = datetime.fromisoformat("2026-03-03T00:10:00+08:00")
    keep(store, [begun(judged("late.wav"), late)])
    order = replace(ORDER, wanted=replace(ORDER.wanted, since=date(2026, 3, 3)))
    export(store, order, tmp_path, "jsonl")
    assert [(row["file"], row["day"]) for row in lines(tmp_path / "calls.jsonl")] == [
        ("late.wav", "2026-03-03")
    ]


def test_a_clause_nobody_was_judged_by_is_no_empty_export(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        export(store, replace(ORDER, failed=("4.1.7.9",)), tmp_path / "out", "csv")
    assert error.value == UsageError(
        "4.1.7.9",
        "a clause no call was ruled on",
        "a clause of the standard",
        "Did you mean '4.1.7.1'?",
    )
    assert list((tmp_path / "out").iterdir()) == []


def test_an_agent_of_whom_nothing_is_known_is_no_empty_export(store: Store, tmp_path: Path) -> None:
    order = replace(ORDER, wanted=replace(ORDER.wanted, agents=("A0X",)))
    with pytest.raises(UsageError) as error:
        export(store, order, tmp_path / "out", "csv")
    assert (error.value.where, error.value.got) == ("A0X", "an agent of whom no call is known")
    assert error.value.hint.startswith("Did you mean 'A0")
    assert not (tmp_path / "out").exists()


def test_calls_without_words_stay_in_the_statistics(store: Store, tmp_path: Path) -> None:
    purge_words(store.database, [ONE.scorecard.recording_id])
    done = export(store, ORDER, tmp_path, "jsonl")
    assert (done.calls, done.purged) == (3, 1)
    rows = lines(tmp_path / "calls.jsonl")
    assert [row["words"] for row in rows] == ["kept", "kept", "purged"]
    assert rows[2]["score"] == 80.0
    assert "lobby/1.wav" not in (tmp_path / "utterances.jsonl").read_text(encoding="utf-8")
    verdicts = [r for r in lines(tmp_path / "verdicts.jsonl") if r["file"] == "lobby/1.wav"]
    assert [(row["reason"], row["quote"], row["start_s"]) for row in verdicts] == [
        ("phrase_said", None, 1.0),
        ("phrase_missing", None, 4.0),
        ("voice_raised", None, 4.0),
        ("cannot be heard; a person must look", None, None),
    ]


def test_the_only_standard_need_not_be_named(store: Store) -> None:
    assert standard_in_store(store.database, None) == "property-reception"
    assert standard_in_store(store.database, "property-reception") == "property-reception"
    store.keep_scorecards([replace(ONE.scorecard, standard="mine")])
    assert standard_in_store(store.database, "mine") == "mine"
    with pytest.raises(UsageError) as error:
        standard_in_store(store.database, None)
    assert (error.value.got, error.value.expected) == (
        "calls judged by several standards",
        "one of mine, property-reception",
    )
    with pytest.raises(UsageError) as error:
        standard_in_store(store.database, "yours")
    assert error.value.got == "no standard 'yours'"


def test_a_store_without_scores_is_said(any_url: str) -> None:
    with Store(any_url) as empty, pytest.raises(UsageError) as error:
        standard_in_store(empty.database, None)
    assert error.value.got == "no scored calls"


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "xlsx"])
def test_files_appear_together_or_not_at_all(
    store: Store, tmp_path: Path, form: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[None]:
        raise OutputError("disk", "No space left on device", "room", "Free some.")

    monkeypatch.setattr("pipeline.export.orders.verdict_rows", broken)
    target = tmp_path / "out" / "night.xlsx" if form == "xlsx" else tmp_path / "out"
    with pytest.raises(OutputError):
        export(store, ORDER, target, form)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("calls.csv", "file,agent_id\n1.wav,A07\n"),
        ("verdicts.csv", "file,clause,status,confidence\n"),
        ("calls.csv", "檔案".encode("big5").decode("latin-1")),
    ],
)
def test_tables_of_others_are_not_written_over(
    store: Store, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content, encoding="latin-1")
    with pytest.raises(OutputError) as error:
        export(store, ORDER, tmp_path, "csv")
    assert error.value == OutputError(
        str(tmp_path / name),
        "a file that is no export",
        "a folder of its own for the tables",
        "Name another folder, or move the file away.",
    )
    assert (tmp_path / name).read_text(encoding="latin-1") == content
    (tmp_path / name).unlink()
    assert export(store, ORDER, tmp_path, "csv") == export(store, ORDER, tmp_path, "csv")


@pytest.mark.parametrize("content", [b"SQLite format 3\0", b"RIFF", b""])
def test_what_is_no_workbook_is_not_written_over(
    store: Store, tmp_path: Path, content: bytes
) -> None:
    target = tmp_path / "night.xlsx"
    target.write_bytes(content)
    with pytest.raises(OutputError) as error:
        export(store, ORDER, target, "xlsx")
    assert error.value == OutputError(
        str(target),
        "a file that is no workbook",
        "a new name for the workbook, or an older one's",
        "Name another file, or move this one away.",
    )
    assert target.read_bytes() == content
    target.unlink()
    assert export(store, ORDER, target, "xlsx") == export(store, ORDER, target, "xlsx")


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "xlsx"])
def test_the_same_calls_give_the_same_bytes(store: Store, tmp_path: Path, form: Any) -> None:
    def written(name: str) -> list[bytes]:
        files = export(store, ORDER, tmp_path / name, form).files
        return [path.read_bytes() for path in files]

    assert written("first.xlsx") == written("second.xlsx")


def test_calls_come_block_by_block(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(store, ORDER, tmp_path / "at once", "jsonl")
    monkeypatch.setattr("pipeline.store.extract.BLOCK", 1)
    monkeypatch.setattr("pipeline.export.writers.TOGETHER", 2)
    export(store, ORDER, tmp_path / "one by one", "jsonl")
    export(store, ORDER, tmp_path / "parquet", "parquet")
    for table in TABLES:
        one_by_one = tmp_path / "one by one" / f"{table.name}.jsonl"
        assert lines(one_by_one) == lines(tmp_path / "at once" / one_by_one.name)
        blocks = pyarrow.parquet.read_table(tmp_path / "parquet" / f"{table.name}.parquet")
        assert blocks.num_rows == len(lines(one_by_one))


def test_a_record_without_anything_is_exported(store: Store, tmp_path: Path) -> None:
    bare = begun(judged("bare.wav", agent_id=None), None)
    recording = replace(bare.call.recording, record=CallRecord("bare.wav"))
    keep(store, [replace(bare, call=replace(bare.call, recording=recording)), TWO, THREE])
    export(store, ORDER, tmp_path, "jsonl")
    row = next(r for r in lines(tmp_path / "calls.jsonl") if r["file"] == "bare.wav")
    assert (row["day"], row["started_at"], row["agent_id"], row["line"]) == (
        "2026-03-09",
        None,
        None,
        None,
    )
