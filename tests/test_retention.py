"""``callqa export`` and ``callqa purge`` as commands: formats, what they say, and their exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline.cli import callqa
from pipeline.errors import BusyError, Exit, UsageError
from pipeline.lock import held
from pipeline.settings import default_standard
from pipeline.show import write_reports
from pipeline.store import Store
from pipeline.store.purging import purge_words
from tests.export.made import ONE, THREE, TWO, begun, keep
from tests.show.build import OUTLINE

Run = Callable[..., tuple[Any, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call a command where ``callqa-out`` holds three calls of 2026: its exit code, what it said."""
    monkeypatch.chdir(tmp_path)
    calls = [begun(one, datetime(2020, 3, 2, 9, 30, tzinfo=UTC)) for one in (ONE, TWO, THREE)]
    write_reports(calls, [], OUTLINE, tmp_path / "callqa-out")
    with Store("sqlite:///callqa-out/callqa.db") as store:
        keep(store, calls)

    def called(*arguments: str) -> tuple[Any, str]:
        done = CliRunner().invoke(callqa, arguments, standalone_mode=False)
        if done.exception is not None:
            raise done.exception
        return done.return_value, done.stdout

    return called


def refused(run: Run, *arguments: str) -> UsageError:
    with pytest.raises(UsageError) as error:
        run(*arguments)
    return error.value


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        (("night.xlsx",), ["night.xlsx"]),
        (("night.XLSX",), ["night.XLSX"]),
        (("night.csv",), [f"night.csv/{n}.csv" for n in ("calls", "verdicts", "utterances", "agents")]),
        (("t", "--format", "jsonl"), [f"t/{n}.jsonl" for n in ("calls", "verdicts", "utterances", "agents")]),
        (("night.x", "--format", "xlsx"), ["night.x"]),
    ],
)  # fmt: skip
def test_the_format_is_that_of_the_suffix_unless_named(
    run: Run, arguments: tuple[str, ...], files: list[str]
) -> None:
    assert run("export", *arguments) == (Exit.DONE, f"3 calls: {', '.join(files)}\n")
    assert [Path(file).is_file() for file in files] == [True] * len(files)
    code, said = run("export", *arguments, "--json")
    assert (code, json.loads(said)) == (Exit.DONE, {"calls": 3, "purged": 0, "files": files})


@pytest.mark.parametrize(
    ("arguments", "got", "expected"),
    [
        (("night",), "none", "csv, parquet, jsonl or xlsx"),
        (("night.ods",), "ods", "csv, parquet, jsonl or xlsx"),
        (("night.wav",), "wav", "csv, parquet, jsonl or xlsx"),
        (("c", "--audio", "--format", "csv", "--recordings", "."), "csv", "wav or flac"),
        (("c", "--audio"), "no --recordings", "the folder that was scored"),
        (("t.csv", "--out", "nowhere"), "no callqa.db", "the folder of earlier results"),
        (("t.csv", "--standard", "other"), "no standard 'other'", "one of property-reception"),
    ],
)
def test_what_does_not_go_together_is_said(
    run: Run, arguments: tuple[str, ...], got: str, expected: str
) -> None:
    error = refused(run, "export", *arguments)
    assert (error.got, error.expected) == (got, expected)


def test_clause_titles_come_from_the_standard(run: Run) -> None:
    for arguments in ((), ("--standard", str(default_standard()))):
        run("export", "t.jsonl", *arguments)
        lines = Path("t.jsonl/verdicts.jsonl").read_text(encoding="utf-8").splitlines()
        assert {json.loads(line)["title"] for line in lines if '"4.1.7.1"' in line} == {
            "收線時說再見"
        }


def test_an_export_says_which_calls_have_no_words(run: Run) -> None:
    with Store("sqlite:///callqa-out/callqa.db") as store:
        purge_words(store.database, [ONE.scorecard.recording_id])
    assert run("export", "n.xlsx") == (
        Exit.DONE,
        "3 calls, 1 of them without words (purged): n.xlsx\n",
    )


def test_a_dry_run_lists_what_would_go(run: Run) -> None:
    code, said = run("purge", "--older-than", "180d", "--transcripts", "--dry-run")
    *listed, total, again = said.splitlines()
    assert code == Exit.DONE
    assert listed == [
        "store: 3.wav (2020-03-02): words would go",
        "store: =2.wav (2020-03-02): words would go",
        "store: lobby/1.wav (2020-03-02): words would go",
        "file: callqa-out/calls/3.json: would go",
        "file: callqa-out/calls/=2.json: would go",
        "file: callqa-out/calls/lobby/1.json: would go",
        "file: callqa-out/report.html: would go",
        "file: callqa-out/verdicts.csv: would go",
    ]
    assert total.startswith("3 calls in the store, 0 recordings, 3 documents, 2 reports would go: ")
    assert again == "`callqa rescore` makes report and tables anew from what is left."
    assert Path("callqa-out/report.html").is_file()


def test_a_purge_steers_no_terminal_by_a_name(run: Run) -> None:
    folder = Path("callqa-out/calls")
    content = next(folder.glob("*.json")).read_bytes()
    (folder / "od\x1b[2Jd\n\udcff.json").write_bytes(content)
    _, said = run("purge", "--older-than", "180d", "--dry-run")
    assert "file: callqa-out/calls/od\ufffd[2Jd\ufffd\ufffd.json: would go" in said.splitlines()
    assert "\x1b" not in said


def test_a_purge_says_what_went_and_what_it_cannot_reach(run: Run) -> None:
    code, said = run("purge", "--older-than", "180d")
    assert code == Exit.DONE
    assert (
        said.splitlines()[-1]
        == "Backups, copies and archived database logs are not ours to delete."
    )
    assert [path.name for path in sorted(Path("callqa-out").iterdir()) if path.name[0] != "."] == [
        "callqa.db",
        "calls",
    ]
    code, said = run("purge", "--older-than", "180d", "--json")
    told = json.loads(said)
    assert (code, told.pop("before")[:2]) == (Exit.DONE, "20")
    assert told == {
        "dry_run": False,
        "calls": [],
        "recordings": [],
        "documents": [],
        "reports": [],
        "not_deleted": [],
        "log_emptied": True,
    }


def test_a_long_list_is_cut_for_people_only(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("pipeline.cli.purge"), "SHOWN", 1)
    _, said = run("purge", "--older-than", "180d", "--dry-run")
    assert said.splitlines()[:4] == [
        "store: 3.wav (2020-03-02): everything would go",
        "… and 2 more (--json lists all)",
        "file: callqa-out/calls/3.json: would go",
        "… and 5 more (--json lists all)",
    ]
    _, said = run("purge", "--older-than", "180d", "--dry-run", "--json")
    assert [one["file"] for one in json.loads(said)["calls"]] == ["3.wav", "=2.wav", "lobby/1.wav"]


def test_nothing_is_purged_while_a_run_has_the_results(run: Run) -> None:
    with held(Path("callqa-out"), "score"):
        with pytest.raises(BusyError):
            run("purge", "--older-than", "180d")
        assert run("purge", "--older-than", "180d", "--dry-run")[0] == Exit.DONE


@pytest.mark.parametrize(
    ("arguments", "where", "got"),
    [
        (("--older-than", "180d", "--audio"), "--audio", "no --recordings"),
        (("--older-than", "half a year"), "--older-than", "'half a year'"),
        (
            ("--older-than", "180d", "--transcripts", "--recordings", "."),
            "--recordings",
            "--transcripts alone, which deletes no recording",
        ),
    ],
)
def test_what_a_purge_cannot_know_is_said(
    run: Run, arguments: tuple[str, ...], where: str, got: str
) -> None:
    error = refused(run, "purge", *arguments)
    assert (error.where, error.got) == (where, got)
