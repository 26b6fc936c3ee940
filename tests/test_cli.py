"""The command line teaches, answers at once, and keeps its exit codes."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from time import perf_counter

import click
import pytest

from pipeline import __version__
from pipeline.cli import callqa as root
from pipeline.cli import main
from pipeline.errors import Exit
from pipeline.models import BASE_SHA256, HUB_MODELS
from pipeline.settings import default_standard
from tests.fakes import Repeating, fake_models, press_ctrl_c
from tests.sound import hiss, pcm, wave

SAID = "您好，翠湖花園物業管理處，請問有什麼可以幫到您？再見。"
QUICK_S = 0.4

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Call the command line in this process: exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def called(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["callqa", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return called


@pytest.fixture
def recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two calls that a fake engine understands."""
    fake_models(monkeypatch, Repeating(SAID))
    folder = tmp_path / "recordings"
    folder.mkdir()
    for seed, name in enumerate(("a.wav", "b.wav")):
        sides = hiss(4, seed=seed).reshape(-1, 2)
        (folder / name).write_bytes(wave(pcm(sides), channels=2))
    (folder / "calls.csv").write_text("file,agent_channel\na.wav,0\nb.wav,1\n")
    return folder


def commands(group: click.Group = root, *path: str) -> Iterator[tuple[str, ...]]:
    """The words that lead to each command, the program itself first."""
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


def command_at(path: tuple[str, ...]) -> click.Command:
    command: click.Command = root
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    return command


COMMANDS = tuple(commands())


def test_the_commands_are_these() -> None:
    assert {" ".join(path) for path in COMMANDS} == {
        "",
        "score",
        "rescore",
        "doctor",
        "explain",
        "failures",
        "export",
        "purge",
        "models",
        "models list",
        "models fetch",
        "models path",
        "standard",
        "standard check",
        "standard show",
        "standard schema",
        "standard test",
        "standard coverage",
    }


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_says_what_it_is_for(run: Run, path: tuple[str, ...], flag: str) -> None:
    code, out, err = run(*path, flag)
    first = (command_at(path).help or "").strip().split(".")[0]
    assert (code, err) == (Exit.DONE, "")
    assert out.startswith(f"Usage: {' '.join(('callqa', *path))}")
    assert " ".join(first.split()) in " ".join(out.split())
    assert first


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_option_is_explained(path: tuple[str, ...]) -> None:
    options = [one for one in command_at(path).params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []


def test_help_teaches_with_examples_that_are_right(run: Run) -> None:
    _, out, _ = run("--help")
    examples = [line.split() for line in out.splitlines() if line.startswith("    callqa ")]
    assert [words[1] for words in examples] == ["score", "explain", "rescore", "failures"]
    for _, name, *arguments in examples:
        command = root.commands[name]
        known = {option for one in command.params for option in one.opts}
        assert {word for word in arguments if word.startswith("--")} <= known


def test_help_of_score_lists_the_exit_codes(run: Run) -> None:
    _, out, _ = run("score", "--help")
    text = " ".join(out.split())
    assert (
        "Exit codes: 0 done · 1 a call fell below --fail-under · 2 usage or configuration · "
        "3 some recordings could not be judged · 4 a bug of ours · 130 interrupted"
    ) in text


def program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pipeline", *arguments]


def test_help_answers_at_once() -> None:
    times = []
    for _ in range(5):
        began = perf_counter()
        subprocess.run(program("--help"), check=True, stdout=subprocess.DEVNULL)
        times.append(perf_counter() - began)
    assert min(times) < QUICK_S


def test_the_version_is_told(run: Run) -> None:
    assert run("--version") == (Exit.DONE, f"callqa, version {__version__}\n", "")


def test_who_stops_reading_gets_no_complaint() -> None:
    read, write = os.pipe()
    os.close(read)
    with open(write, "wb") as closed:  # noqa: PTH123 - a pipe has no path
        done = subprocess.run(
            program("standard", "show"), stdout=closed, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (Exit.DONE, b"")


def test_score_hears_every_call_and_says_where_the_report_is(run: Run, recordings: Path) -> None:
    code, out, err = run("score", recordings)
    assert (code, err) == (Exit.DONE, "")
    assert out.splitlines()[-2:] == [
        "2 calls scored (2 heard now, 0 known before), 0 could not be, 0 other files ignored.",
        "Report: callqa-out/report.html",
    ]
    results = {path.name for path in Path("callqa-out").iterdir()}
    assert results == {
        ".callqa.lock",
        "callqa.db",
        "calls",
        "report.html",
        "scores.csv",
        "summary.json",
        "verdicts.csv",
    }


def test_a_second_run_hears_nothing_new(run: Run, recordings: Path) -> None:
    run("score", recordings)
    before = Path("callqa-out/scores.csv").read_bytes()
    code, out, _ = run("score", recordings, "--json")
    summary = json.loads(out)
    assert (code, summary["scored"], summary["heard"], summary["known"]) == (0, 2, 0, 2)
    assert Path("callqa-out/scores.csv").read_bytes() == before


def test_a_folder_that_has_lost_all_its_recordings_is_told(run: Run, recordings: Path) -> None:
    """As one looks whose disk is not mounted. A desk may have no call for a night: it is no error."""
    run("score", recordings)
    for file in recordings.glob("*.wav"):
        file.unlink()
    code, out, err = run("score", recordings)
    assert (code, err) == (
        Exit.DONE,
        "callqa: the folder holds no recording; expected some, since 2 were met in it before. "
        "Check that its disk or share is mounted, unless they were moved away.\n",
    )
    assert "0 calls scored" in out
    assert json.loads(run("score", recordings, "--json")[1])["gone"] == 2


def test_json_holds_the_night(run: Run, recordings: Path) -> None:
    (recordings / "empty.wav").touch()
    code, out, err = run("score", recordings, "--json")
    summary = json.loads(out)
    calls = summary.pop("calls")
    assert (code, err) == (Exit.SOME_UNJUDGED, "")
    assert summary == {
        "scored": 2,
        "heard": 2,
        "known": 0,
        "ignored": 0,
        "gone": 0,
        "unanswered": 0,
        "purged": 0,
        "report": "callqa-out/report.html",
        "failures": [
            {
                "file": "empty.wav",
                "got": "an empty file (0 bytes)",
                "expected": "a sound file such as wav, mp3, flac, ogg or m4a",
                "hint": "Look whether the recorder had room on its disk, or remove the file.",
                "recording_id": None,
                "passing": False,
            }
        ],
    }
    assert [call["file"] for call in calls] == ["a.wav", "b.wav"]
    assert all(set(call) == {"file", "score", "flags", "failed"} for call in calls)


def test_a_call_below_the_threshold_exits_with_1(
    run: Run, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_models(monkeypatch, Repeating("喂？你等一下。"))
    assert run("score", recordings, "--fail-under", 100)[0] == Exit.BELOW_THRESHOLD
    lowest = min(call["score"] for call in json.loads(run("rescore", "--json")[1])["calls"])
    assert run("rescore", "--fail-under", lowest)[0] == Exit.DONE
    assert run("rescore", "--fail-under", lowest + 1)[0] == Exit.BELOW_THRESHOLD


def test_a_recording_that_cannot_be_heard_exits_with_3(run: Run, recordings: Path) -> None:
    (recordings / "text.wav").write_text("no sound")
    code, _, err = run("score", recordings)
    assert code == Exit.SOME_UNJUDGED
    assert err == (
        "callqa: text.wav: 8 bytes that are no sound FFmpeg knows (Invalid data found when "
        "processing input); expected a sound file such as wav, mp3, flac, ogg or m4a. "
        "Export it again from the recorder, or remove it from the folder.\n"
    )


def kept(database: str) -> int:
    """How many calls a store holds."""
    with sqlite3.connect(database) as connection:
        (count,) = connection.execute("select count(*) from calls").fetchone()
        return int(count)


def test_an_interrupted_night_exits_with_130_and_keeps_what_it_heard(
    run: Run, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows: list[int] = []

    def interrupt() -> None:
        windows.append(1)
        if len(windows) == 3:
            press_ctrl_c(once=lambda: kept("callqa-out/callqa.db") == 1)

    with monkeypatch.context() as patch:
        fake_models(patch, Repeating(SAID, interrupt))
        assert run("score", recordings, "--threads", 1) == (
            Exit.INTERRUPTED,
            "",
            "\nInterrupted. What was already heard is kept; run again to go on.\n",
        )
    summary = json.loads(run("score", recordings, "--json")[1])
    assert (summary["heard"], summary["known"]) == (1, 1)


def test_a_plan_hears_nothing_and_makes_nothing(run: Run, recordings: Path) -> None:
    code, out, err = run("score", recordings, "--plan", "--speed", 4, "--json")
    assert (code, err, json.loads(out)) == (
        Exit.DONE,
        "",
        {
            "to_hear": 2,
            "sound_s": 4.0,
            "known": 0,
            "unreadable": [],
            "of_unknown_duration": [],
            "speed": 4.0,
            "speed_measured": False,
            "longest": "a.wav",
            "takes_s": {"1": 1.0, "2": 0.5},
        },
    )
    assert not Path("callqa-out").exists()


def test_a_plan_is_a_table_for_people(run: Run, recordings: Path) -> None:
    run("score", recordings)
    (recordings / "c.wav").write_bytes(wave(pcm(hiss(8, seed=5))))
    code, out, _ = run("score", recordings, "--plan", "--speed", 4)
    assert code == Exit.DONE
    assert out.splitlines()[:2] == [
        "1 recordings to hear, 0:00:08 of sound; 2 known before.",
        "A worker hears 4.0 times real time (not measured here).",
    ]
    assert out.splitlines()[-1] == "No number of workers takes less than c.wav: 0:00:02."


def test_a_profile_tells_where_the_time_went(run: Run, recordings: Path) -> None:
    code, out, err = run("score", recordings, "--profile", "--json")
    words = " ".join(err.split())
    assert (code, json.loads(out)["heard"]) == (Exit.DONE, 2)
    assert words.startswith("4 s of sound heard in ")
    for part in (
        "decoding",
        "tones",
        "transcription",
        "judging",
        "store",
        "reports",
        "all",
        "100.0 %",
    ):
        assert part in words


def test_a_bug_exits_with_4_and_says_it_is_ours(
    run: Run, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("pipeline.work.load_listener", broken)
    code, _, err = run("score", recordings)
    assert code == Exit.BUG
    assert err.splitlines()[-2:] == [
        "RuntimeError: unforeseen",
        "callqa: this is a bug of ours; please report the lines above.",
    ]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["score", "nowhere"],
            "callqa: nowhere: nothing; expected a folder of recordings. Check the path.",
        ),
        (
            ["score", "calls", "--name-pattern", "("],
            "callqa: --name-pattern: '(' (missing ), unterminated subpattern at position 0); "
            "expected a regular expression with named groups, such as "
            "(?P<agent_id>[^_]+)_(?P<started_at>\\d{8}). Correct the expression.",
        ),
        (
            ["score", "calls", "--executor", "ray", "--address", "127.0.0.1:1"],
            "callqa: --address: no Ray cluster at 127.0.0.1:1; expected the HOST:PORT of a running "
            "cluster's head, or auto for one on this machine. Start one with `ray start --head "
            "--disable-usage-stats`, or leave out --executor ray.",
        ),
        (
            ["score", "calls", "--executor", "ray", "--address", "local"],
            "callqa: --address: no Ray cluster at local; expected the HOST:PORT of a running "
            "cluster's head, or auto for one on this machine. Start one with `ray start --head "
            "--disable-usage-stats`, or leave out --executor ray.",
        ),
        (
            ["score", "calls", "--workers", "3"],
            "callqa: --workers: given without --executor ray; expected --threads, on one machine. "
            "Add --executor ray, or leave it out.",
        ),
        (
            ["rescore", "--store", "nonsense"],
            "callqa: nonsense: no database we can speak to (Could not parse SQLAlchemy URL from "
            "given URL string); expected a URL such as sqlite:///calls.db or "
            "postgresql+psycopg://user@host/calls. "
            "Correct --store, or install that database's driver.",
        ),
        (
            ["score", "calls", "--standard", "nowhere"],
            "callqa: nowhere/standard.yaml: cannot be read (No such file or directory); expected "
            "a standard's folder with a standard.yaml in it. Check the path given to --standard.",
        ),
        (
            ["score", "calls", "--out", "/proc/out"],
            "callqa: /proc/out: cannot be written (No such file or directory); expected a folder "
            "we may write to, with room on its disk. "
            "Free some space, correct its permissions, or give another --out.",
        ),
        (["score"], "Error: Missing argument 'FOLDER'."),
        (["score", "calls", "--frobnicate"], "Error: No such option '--frobnicate'."),
        (
            ["scoer", "calls"],
            "Error: No such command 'scoer'. (Did you mean one of: 'rescore', 'score'?)",
        ),
        (
            ["rescore", "--fail-under", "101"],
            "Error: Invalid value for '--fail-under': 101.0 is not in the range 0<=x<=100.",
        ),
        (
            ["models", "path", "nowhere"],
            "callqa: nowhere: no model of this name on this machine; expected a folder, a .pt "
            "file, or one of base, tiny, small, medium, large-v3, large-v3-turbo. "
            "Fetch it with `callqa models fetch nowhere`, or give a path.",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_was_asked_wrongly_exits_with_2_and_one_line(
    run: Run, arguments: list[str], line: str
) -> None:
    Path("calls").mkdir()
    code, out, err = run(*arguments)
    assert (code, out, err.splitlines()[-1]) == (Exit.USAGE, "", line)


@pytest.mark.parametrize("out", ["what?", "50%", "a#b", "錄音 結果", "a@b:c"])
def test_any_name_will_do_for_the_results(run: Run, recordings: Path, out: str) -> None:
    assert run("score", recordings, "--out", out)[0] == Exit.DONE
    assert Path(out, "callqa.db").stat().st_size > 0


def test_explain_says_why_in_either_language(run: Run, recordings: Path) -> None:
    run("score", recordings)
    code, english, _ = run("explain", "a.wav")
    assert (code, english.splitlines()[0]) == (Exit.DONE, "a.wav")
    code, chinese, _ = run("explain", "a.wav", "4.1.7.1", "--language", "zh-Hant")
    assert code == Exit.DONE
    assert "4.1.7.1" in chinese
    assert "4.1.5" not in chinese


def test_explain_by_another_standard_than_the_reports_says_so(run: Run, recordings: Path) -> None:
    run("score", recordings)
    assert run("explain", "a.wav")[2] == ""
    shutil.copytree(default_standard(), "own")
    with Path("own/standard.yaml").open("a", encoding="utf-8") as file:
        file.write("# ours\n")
    assert run("explain", "a.wav", "--standard", "own")[2] == (
        "callqa: the reports hold what another standard made of this call; --standard takes its folder\n"
    )


def test_explain_of_one_clause_as_json(run: Run, recordings: Path) -> None:
    run("score", recordings)
    code, out, _ = run("explain", "a.wav", "4.1.7.1", "--json")
    assert code == Exit.DONE
    assert [verdict["clause"] for verdict in json.loads(out)] == ["4.1.7.1"]


def test_explain_of_an_unknown_file_suggests_the_nearest(run: Run, recordings: Path) -> None:
    run("score", recordings)
    assert run("explain", "a.wax") == (
        Exit.USAGE,
        "",
        "callqa: a.wax: not a call in the store; expected a file as "
        "named in scores.csv. Did you mean a.wav, b.wav?\n",
    )
    code, _, err = run("explain", "XYZ")
    assert (code, err.endswith("Score it first, or give --out or --store.\n")) == (2, True)


def test_explain_names_the_calls_whose_names_end_alike(run: Run, recordings: Path) -> None:
    for name, seed in (("x", 7), ("y", 8)):
        (recordings / name).mkdir()
        (recordings / name / "e.wav").write_bytes(wave(pcm(hiss(4, seed=seed))))
    run("score", recordings)
    assert run("explain", "e.wav") == (
        Exit.USAGE,
        "",
        "callqa: e.wav: the end of 2 names; expected one of x/e.wav, y/e.wav. "
        "Give more of its path.\n",
    )
    assert run("explain", "x/e.wav")[0] == Exit.DONE


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_explain_of_an_unknown_clause_suggests_the_nearest(
    run: Run, recordings: Path, form: list[str]
) -> None:
    run("score", recordings)
    code, out, err = run("explain", "a.wav", "4.1.7.9", *form)
    assert (code, out) == (Exit.USAGE, "")
    assert "'4.1.7.9'" in err
    assert "4.1.7.1" in err


def test_rescore_needs_no_audio(run: Run, recordings: Path) -> None:
    run("score", recordings)
    shutil.rmtree(recordings)
    code, out, _ = run("rescore", "--json")
    summary = json.loads(out)
    assert (code, summary["scored"], summary["heard"]) == (Exit.DONE, 2, 0)


def test_the_shipped_standard_is_checked(run: Run) -> None:
    code, out, err = run("standard", "check")
    assert (code, err) == (Exit.DONE, "")
    assert out.startswith("property-reception: 38 clauses, ")
    assert out.endswith(" wordings; nothing wrong.\n")
    code, out, _ = run("standard", "check", "--json")
    assert (code, json.loads(out)["clauses"]) == (Exit.DONE, 38)


def test_a_broken_standard_names_file_and_line(run: Run) -> None:
    shutil.copytree(default_standard(), "mine")
    file = Path("mine/standard.yaml")
    lines = file.read_text(encoding="utf-8").splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("    dimension:"))
    lines[at] = lines[at].replace("dimension:", "dimention:")
    file.write_text("\n".join(lines), encoding="utf-8")
    code, out, err = run("standard", "check", "mine")
    assert (code, out) == (Exit.USAGE, "")
    assert err.startswith(f"callqa: mine/standard.yaml:{at + 1}: unknown key 'dimention'; expected")
    assert err.endswith("Did you mean 'dimension'?\n")


def test_the_standard_is_shown_clause_by_clause(run: Run) -> None:
    code, out, _ = run("standard", "show")
    assert (code, out.count("judged by: ")) == (Exit.DONE, 38)
    code, out, _ = run("standard", "show", "--json")
    assert (code, len(json.loads(out)["clauses"])) == (Exit.DONE, 38)


CASES = """clause: "4.1.7.1"
fail:
  - name: no farewell
    turns: [{customer: 沒事了，再見。}, {agent: 嗯。}]
pass:
  - name: a farewell
    turns: [{customer: 沒事了。}, {agent: 再見！}]
"""


def test_a_standard_is_tried_on_dialogues(run: Run) -> None:
    Path("cases").mkdir()
    Path("cases/farewell.yaml").write_text(CASES, encoding="utf-8")
    assert run("standard", "test", "cases") == (
        Exit.DONE,
        "2 of 2 dialogues come out as expected.\n",
        "",
    )
    code, out, _ = run("standard", "test", "cases", "--json")
    rows = [(row["name"], row["expected"], row["verdict"]["status"]) for row in json.loads(out)]
    assert (code, rows) == (
        Exit.DONE,
        [("no farewell", "fail", "fail"), ("a farewell", "pass", "pass")],
    )


def test_a_dialogue_that_comes_out_otherwise_is_named_with_its_line(run: Run) -> None:
    Path("cases").mkdir()
    Path("cases/farewell.yaml").write_text(CASES.replace("再見！", "嗯。"), encoding="utf-8")
    code, out, _ = run("standard", "test", "cases")
    first, last = out.splitlines()
    assert (code, last) == (Exit.BELOW_THRESHOLD, "1 of 2 dialogues come out as expected.")
    assert first.startswith("cases/farewell.yaml:6: 4.1.7.1, a farewell: expected pass, got fail (")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("4.1.7.1", "4.1.7.9", ":1: clause '4.1.7.9'; expected a clause of property-reception."),
        ("agent:", "agnet:", ":4: unknown key 'agnet'; expected one of agent, customer, "),
        (CASES, "", ":1: the file: "),
        (CASES, "clause: [", ":1: not YAML"),
    ],
)
def test_a_bad_case_file_is_named(run: Run, old: str, new: str, message: str) -> None:
    Path("cases").mkdir()
    Path("cases/one.yaml").write_text(CASES.replace(old, new), encoding="utf-8")
    code, out, err = run("standard", "test", "cases")
    assert (code, out) == (Exit.USAGE, "")
    assert err.startswith(f"callqa: cases/one.yaml{message}")


def test_a_folder_without_cases_is_named(run: Run) -> None:
    code, _, err = run("standard", "test", "nowhere")
    assert (code, err.startswith("callqa: nowhere: no such folder; expected a folder of case")) == (
        Exit.USAGE,
        True,
    )


def test_the_coverage_of_a_standard_is_a_table(run: Run) -> None:
    Path("cases").mkdir()
    Path("cases/farewell.yaml").write_text(CASES, encoding="utf-8")
    code, out, _ = run("standard", "coverage", "--cases", "cases")
    assert (code, len(out.splitlines())) == (Exit.DONE, 2 + 38)
    assert "| 4.1.7.1 | 收線時說再見 | phrase | 1 | 1 | 0 | 0 |" in out.splitlines()
    code, out, _ = run("standard", "coverage", "--json")
    assert (code, json.loads(out)[0]) == (
        Exit.DONE,
        {
            "clause": "4.1.1",
            "title": "鈴響三聲內接聽",
            "judged_by": "rings",
            "fail": 0,
            "pass": 0,
            "not_applicable": 0,
            "unjudged": 0,
        },
    )


def test_the_schema_of_a_standard_is_for_editors(run: Run) -> None:
    code, out, _ = run("standard", "schema")
    schema = json.loads(out)
    assert (code, schema["title"], schema["additionalProperties"]) == (
        Exit.DONE,
        "StandardModel",
        False,
    )
    condition = schema["$defs"]["Condition"]["properties"]
    assert {"all", "any", "not", "each", "phrase", "order", "reply"} <= set(condition)
    longest = schema["$defs"]["LongSilence"]["properties"]["longest"]
    assert (longest["type"], re.match(longest["pattern"], "20s") is not None) == ("string", True)


def test_the_models_are_listed(run: Run) -> None:
    code, out, _ = run("models", "list")
    names = [line.split()[0] for line in out.splitlines()]
    assert (code, names) == (Exit.DONE, ["base", *HUB_MODELS, "speakers"])
    code, out, _ = run("models", "list", "--json")
    first = json.loads(out)[0]
    assert (code, first["name"], first["here"]) == (Exit.DONE, "base", True)


def test_the_path_of_a_model_is_one_line_for_programs(run: Run) -> None:
    code, out, err = run("models", "path", "base")
    assert (code, err) == (Exit.DONE, "")
    assert {*BASE_SHA256} <= {file.name for file in Path(out.removesuffix("\n")).iterdir()}


@pytest.mark.parametrize("name", ["a/b/c", "../../etc/passwd", "../x", "a/..", "nonsense"])
def test_what_no_hub_can_know_is_not_fetched(run: Run, name: str) -> None:
    assert run("models", "fetch", name, "--yes") == (
        Exit.USAGE,
        "",
        f"callqa: {name}: not a name callqa or a model hub knows; expected one of "
        f"{', '.join(('base', *HUB_MODELS))}, or OWNER/NAME on the hub. See `callqa models list`.\n",
    )


def test_a_fetch_that_nobody_can_be_asked_about_says_so(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO())
    code, out, err = run("models", "fetch", "small")
    assert (code, out) == (Exit.USAGE, "")
    assert err.endswith(
        "callqa: callqa models fetch: a question that nobody answered: standard input is at its "
        "end; expected yes or no, since it downloads over the network. "
        "Answer it in a terminal, or add --yes.\n"
    )


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize(
    "words",
    [
        ("score", "recordings", "--plan", "--speed"),
        ("score", "recordings", "--fail-under"),
        ("score", "recordings", "--wait"),
        ("score", "recordings", "--gpus-per-worker"),
        ("rescore", "--fail-under"),
        ("export", "x.csv", "--below"),
        ("export", "x", "--audio", "--recordings", ".", "--margin"),
    ],
    ids=" ".join,
)
def test_a_number_that_is_none_is_refused(
    run: Run, recordings: Path, words: tuple[str, ...], value: str
) -> None:
    code, out, err = run(*words[:-1], f"{words[-1]}={value}")
    assert (code, out) == (Exit.USAGE, "")
    assert f"Invalid value for '{words[-1]}'" in err
    assert [path.name for path in recordings.parent.iterdir()] == ["recordings"]


def test_a_speed_at_which_no_night_would_end_is_refused(run: Run, recordings: Path) -> None:
    code, _, err = run("score", recordings, "--plan", "--speed", "1e-300")
    assert (code, "Invalid value for '--speed': 1e-300 is not in the range x>=0.01" in err) == (
        Exit.USAGE,
        True,
    )


@pytest.mark.parametrize(
    "words",
    [
        ("score", ""),
        ("score", "  "),
        ("score", "", "--plan"),
        ("score", "recordings", "--out", ""),
        ("export", ""),
        ("models", "path", ""),
        ("standard", "check", ""),
    ],
    ids=" ".join,
)
def test_an_empty_name_is_not_the_current_folder(
    run: Run, recordings: Path, words: tuple[str, ...]
) -> None:
    code, out, err = run(*words)
    assert (code, out) == (Exit.USAGE, "")
    assert err.endswith(": is empty, as a shell variable that is not set leaves it\n")
    assert [path.name for path in recordings.parent.iterdir()] == ["recordings"]


@pytest.mark.parametrize(
    "words", [("rescore",), ("failures",), ("explain", "a.wav")], ids=lambda words: words[0]
)
def test_a_store_that_is_not_there_is_not_made(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    assert run(*words, "--out", "mistyped") == (
        Exit.USAGE,
        "",
        "callqa: mistyped: no callqa.db; expected the folder of earlier results. "
        "Give --out or --store.\n",
    )
    assert list(tmp_path.iterdir()) == []


READERS = [
    ("failures",),
    ("purge", "--older-than", "30d"),
    ("rescore",),
    ("explain", "a.wav"),
    ("export", "night.csv"),
]


@pytest.mark.parametrize("words", READERS, ids=lambda words: words[0])
def test_a_misspelt_store_is_not_made_by_who_reads_it(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    assert run(*words, "--store", f"sqlite:///{tmp_path}/mistyped.db") == (
        Exit.USAGE,
        "",
        f"callqa: {tmp_path}/mistyped.db: no store (No such file or directory); expected the store of "
        "an earlier `callqa score`, which alone makes one. Correct --store or CALLQA_STORE.\n",
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///empty.db", "empty.db: an empty file"),
        ("sqlite+pysqlite:///empty.db", "empty.db: an empty file"),
        ("sqlite:///folder", "folder: no file"),
        ("sqlite:///file:nowhere.db", "file:nowhere.db: no store (No such file or directory)"),
        ("sqlite://", "sqlite://: a store in memory, which is empty"),
        ("sqlite:///:memory:", "sqlite:///:memory:: a store in memory, which is empty"),
    ],
)
def test_what_holds_no_store_is_not_read_as_one(
    run: Run, tmp_path: Path, url: str, said: str
) -> None:
    (tmp_path / "empty.db").touch()
    (tmp_path / "folder").mkdir()
    code, out, err = run("failures", "--store", url)
    assert (code, out, err.split(";")[0]) == (Exit.USAGE, "", f"callqa: {said}")
    assert {path.name for path in tmp_path.iterdir()} == {"empty.db", "folder"}
    assert (tmp_path / "empty.db").stat().st_size == 0


def test_a_store_by_a_uri_of_sqlites_own_is_read(run: Run, recordings: Path) -> None:
    url = "sqlite:///file:kept.db?mode=rwc&uri=true"
    assert run("score", recordings, "--store", url)[0] == Exit.DONE
    assert run("failures", "--store", url) == (
        Exit.DONE,
        "0 recordings could not be judged.\n",
        "",
    )


def test_a_plan_makes_no_store(run: Run, recordings: Path) -> None:
    url = "sqlite:///mistyped.db"
    assert run("score", recordings, "--plan", "--speed", 4, "--store", url)[0] == Exit.DONE
    assert [path.name for path in recordings.parent.iterdir()] == ["recordings"]


def test_nothing_is_fetched_without_a_yes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr("pipeline.models.fetch", asked)
    monkeypatch.setattr(sys, "stdin", StringIO("n\n"))
    code, out, err = run("models", "fetch", "small")
    assert (code, out) == (Exit.DONE, "")
    assert err.endswith("Nothing was fetched.\n")
