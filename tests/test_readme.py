"""Every command the README shows works, in the order a reader meets them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import callqa
from pipeline.settings import default_standard

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
    shutil.copytree(ROOT / "tests" / "cases", folder / "my-cases")
    source = ROOT / "samples" / "recordings" / "12_office_engineering.wav"
    from pipeline.listen.audio import SAMPLE_RATE, decode

    samples = decode(source).samples[:, -16 * SAMPLE_RATE :]
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


def test_the_table_of_clauses_is_what_coverage_prints() -> None:
    printed = CliRunner().invoke(
        callqa, ["standard", "coverage", "--cases", str(ROOT / "tests" / "cases")]
    )
    table = re.search(r"<!-- coverage -->\n(.*?)<!-- /coverage -->", README, flags=re.DOTALL)
    assert table is not None
    assert table.group(1) == printed.output


def test_the_limits_are_those_of_the_code() -> None:
    from pipeline import callrecords, intake
    from pipeline.judge import source
    from pipeline.listen import apart, container
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
    assert f"at most {apart.MOST_MEMORY >> 30} GB" in section
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
