"""Every command the README shows works, in the order a reader meets them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import wave
from configparser import ConfigParser
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import inspect

from pipeline.cli import callqa
from pipeline.errors import Exit
from pipeline.settings import default_standard
from pipeline.store import Store
from pipeline.summary import Summary

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """The lines of all shell blocks, without their comments."""
    blocks = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    lines = (line.split("#")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line]


CALLQA = [command for command in commands() if command.startswith("callqa ")]
MAKE = [command for command in commands() if command.startswith("make ")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a reader stands: recordings/ with a short call, and a standard of their own."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "recordings").mkdir()
    shutil.copytree(default_standard(), folder / "my-standard")
    (folder / "my-cases").mkdir()
    # some of ours: tests/judge/test_cases.py tries them all
    for file in sorted((ROOT / "tests" / "cases").glob("*.yaml"))[:6]:
        shutil.copy(file, folder / "my-cases")
    source = ROOT / "samples" / "recordings" / "12_office_engineering.wav"
    from pipeline.listen.audio import SAMPLE_RATE
    from tests.sound import samples_of

    samples = samples_of(source)[:, -16 * SAMPLE_RATE :]
    with wave.open(str(folder / "recordings" / "lobby.wav"), "wb") as target:
        target.setnchannels(2)
        target.setsampwidth(2)
        target.setframerate(SAMPLE_RATE)
        target.writeframes((samples.T * 32767).astype("<i2").tobytes())
    return folder


def test_the_readme_shows_commands_and_nothing_else() -> None:
    assert len(CALLQA) + len(MAKE) == len(commands())
    assert len(CALLQA) >= 6
    assert MAKE[:2] == ["make score", "make test"]


@pytest.mark.parametrize("command", MAKE)
def test_a_make_target_exists(command: str) -> None:
    done = subprocess.run(
        ["make", "-n", *command.split()[1:]], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0


def test_the_callqa_commands_work_one_after_another(folder: Path) -> None:
    failed = {}
    for command in CALLQA:
        done = subprocess.run(
            [sys.executable, "-m", "pipeline", *command.split()[1:]],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            failed[command] = (done.returncode, done.stderr)
    assert failed == {}
    assert (folder / "callqa-out" / "report.html").is_file()


def test_the_tables_and_views_of_the_store_are_told() -> None:
    table = re.search(r"<!-- tables -->\n(.*?)<!-- /tables -->", README, flags=re.DOTALL)
    assert table is not None
    told = {}
    for row in table.group(1).splitlines()[2:]:
        _, name, _, columns, _ = row.split("|")
        told[name.strip(" `")] = [one.split()[0] for one in columns.split(",")]
    with Store("sqlite://") as store, store.database.reading() as session:
        there = inspect(session.connection())
        names = {*there.get_table_names(), *there.get_view_names()} - {"alembic_version"}
        assert told == {
            name: [str(column["name"]) for column in there.get_columns(name)] for name in names
        }


def test_the_table_of_clauses_is_what_coverage_prints() -> None:
    printed = CliRunner().invoke(
        callqa, ["standard", "coverage", "--cases", str(ROOT / "tests" / "cases")]
    )
    table = re.search(r"<!-- coverage -->\n(.*?)<!-- /coverage -->", README, flags=re.DOTALL)
    assert table is not None
    assert table.group(1) == printed.output


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def unit(text: str) -> ConfigParser:
    """A unit of systemd, read strictly: one value a key."""
    parsed = ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(text)
    return parsed


UNITS = {text.splitlines()[0].removeprefix("# "): unit(text) for text in blocks("ini")}
PROGRAM = "/opt/callqa/bin/callqa"


def accepted(line: str) -> tuple[str, dict[str, object]]:
    """The command of a line that starts callqa, and its parameters; click must accept them."""
    program, name, *arguments = shlex.split(line.partition(">")[0])
    assert program == PROGRAM
    command = callqa.commands[name]
    # with the settings of the program: what a command knows as its option of help is kept with it
    parent = click.Context(callqa, **callqa.context_settings)
    return name, command.make_context(name, arguments, parent=parent).params


def test_the_units_are_these() -> None:
    assert list(UNITS) == ["callqa.service", "callqa.timer", "callqa-failed.service"]


def test_the_service_starts_a_command_that_there_is() -> None:
    service = UNITS["callqa.service"]["Service"]
    name, given = accepted(service["ExecStart"])
    assert name == "score"
    assert {key: str(given[key]) for key in ("folder", "out", "log", "log_format")} == {
        "folder": UNITS["callqa.service"]["Unit"]["RequiresMountsFor"],
        "out": "%S/callqa/results",
        "log": "%L/callqa/night.log",
        "log_format": "json",
    }


def test_the_service_may_do_nothing_but_its_work() -> None:
    service = UNITS["callqa.service"]["Service"]
    for key in ("StateDirectory", "LogsDirectory", "CacheDirectory"):
        assert service[key] == "callqa"
    assert {
        key: service[key]
        for key in ("ProtectSystem", "PrivateNetwork", "NoNewPrivileges", "User", "KillMode")
    } == {
        "ProtectSystem": "strict",
        "PrivateNetwork": "yes",
        "NoNewPrivileges": "yes",
        "User": "callqa",
        "KillMode": "mixed",
    }
    assert service["OOMPolicy"] == "continue", "else a recording too large ends the whole run"
    assert "ProtectProc" not in service, (
        "runs of other users on the same store must be seen to live"
    )


def test_what_starts_on_failure_is_shown_as_well() -> None:
    assert UNITS["callqa.service"]["Unit"]["OnFailure"] in UNITS
    sent = UNITS["callqa-failed.service"]["Service"]["ExecStart"]
    assert "@/var/lib/callqa/results/summary.json" in sent


def test_exit_codes_are_those_that_there_are() -> None:
    table = README.split("| exit code |")[1].split("\n\n")[0]
    codes = [int(code) for code in re.findall(r"^\| (\d+) \|", table, flags=re.MULTILINE)]
    assert codes == [code.value for code in Exit]
    remarks = UNITS["callqa.service"]["Service"]["SuccessExitStatus"].split()
    assert [int(code) for code in remarks] == [
        Exit.BELOW_THRESHOLD,
        Exit.SOME_UNJUDGED,
        Exit.INTERRUPTED,
    ]


def test_every_key_of_the_summary_is_explained() -> None:
    table = README.split("| key |")[1].split("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines()[2:]]
    told = [key for row in rows for key in re.findall(r"`(\w+)`", row)]
    assert sorted(told) == sorted(Summary("score", None).document())


def test_the_crontabs_line_starts_a_command_that_there_is() -> None:
    (line,) = blocks("crontab")
    when, command = re.fullmatch(r"((?:[\d*/,-]+ ){5}) ?(.*)\n", line).groups()  # type: ignore[union-attr]
    assert when.split() == ["15", "1", "*", "*", "*"]
    assert "%" not in command, "cron would end the line there"
    assert accepted(command)[0] == "score"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    for text in blocks("ini"):
        name = text.splitlines()[0].removeprefix("# ")
        # the programs need not be on this machine
        there = re.sub(r"(?<=ExecStart=)\S+", "/bin/true", text)
        (tmp_path / name).write_text(there)
    done = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_limits_are_those_of_the_code() -> None:
    from pipeline import callrecords, intake
    from pipeline.judge import source
    from pipeline.listen import container, decoder
    from pipeline.settings import Settings
    from pipeline.wording import lexicon

    section = README.split("## Limits and security")[1].split("\n## ")[0]
    assert (
        f"{intake.MOST_BYTES >> 30} GB; {Settings().longest_h:g} hours (`CALLQA_LONGEST_HOURS`)"
        in section
    )
    assert f"{Settings().decode_s} s (`CALLQA_DECODE_SECONDS`)" in section
    assert f"{container.MOST_CHANNELS} channels" in section
    low, high = (rate // 1_000 for rate in container.RATES)
    assert f"{low} to {high} kHz" in section
    assert f"at most {decoder.MOST_MEMORY >> 30} GB" in section
    assert f"at most {container.MOST_BARREN_BYTES >> 20} MB before sound" in section
    low, high = callrecords.YEARS
    rings = callrecords.MOST_RINGS
    table = f"{callrecords.MOST_BYTES >> 20} MB; years {low} to {high}; {rings} rings"
    assert table in section
    assert f"{callrecords.PATTERN_S:g} s a name" in section
    assert f"{source.DEEPEST} levels, {source.MOST_VALUES:,} values" in section
    assert (
        f"{lexicon.MOST_BYTES >> 20} MB a file" in section
        and f"{lexicon.MOST_VARIANTS} wordings an alternative, {lexicon.MOST_OF_A_LINE:,} a line"
        in section
        and f"{lexicon.MOST_WORDINGS:,} a lexicon" in section
        and f"{lexicon.MOST_EXCEPTIONS:,} exceptions, {lexicon.LONGEST_WORDING} characters"
        in section
    )
