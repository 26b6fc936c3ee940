"""``callqa score`` and ``callqa rescore``: judge calls, write reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pipeline.cli.options import out_options, report_options, standard_in, store_url
from pipeline.cli.report import report


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@out_options
@report_options
@click.option("--model", default="base", show_default=True, help="Whisper model: name or path.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "faster-whisper", "openai-whisper"]),
    default="auto",
    show_default=True,
    help="What runs the model; auto takes the fastest that can read it.",
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="auto takes a GPU if there is one.",
)
@click.option("--threads", type=click.IntRange(0), default=0, help="CPU threads; 0 means all.")
@click.option(
    "--executor",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Where the work runs.",
)
@click.option(
    "--name-pattern",
    metavar="REGEX",
    help="Named groups (agent_id, started_at, line …) read from file names.",
)
def score(
    folder: Path,
    out: Path,
    store: str | None,
    standard: Path | None,
    fail_under: float | None,
    language: str,
    unmasked: bool,
    as_json: bool,
    executor: str,
    name_pattern: str | None,
    **listening: Any,
) -> int:
    """Score every recording in FOLDER (searched recursively) and write the reports.

    FOLDER may hold calls.csv with any of: file, agent_id, started_at, kind, line, direction, rings,
    released_by, agent_channel. Only `file` is required; other columns are kept as tags.

    A second run listens only to what is new. Results: scores.csv, verdicts.csv, calls/*.json and
    report.html in OUT.

    \b
    Exit codes: 0 done · 1 a call fell below --fail-under · 2 usage or configuration ·
    3 some recordings could not be judged · 4 a bug of ours · 130 interrupted
    """
    from pipeline.errors import UsageError

    if executor != "local":
        raise UsageError(
            "--executor", executor, "local", "This version runs on one machine; leave it out."
        )
    from rich.console import Console

    from pipeline.batch import score_folder
    from pipeline.settings import Settings
    from pipeline.show.files import ready
    from pipeline.store import Store
    from pipeline.terminal import TerminalProgress

    ready(out)
    with Store(store_url(store, out)) as kept:
        night = score_folder(
            folder,
            out,
            standard_in(standard),
            kept,
            Settings(**listening),
            name_pattern=name_pattern,
            language=language,
            unmasked=unmasked,
            progress=TerminalProgress(Console(stderr=True)),
        )
    return report(night, fail_under, as_json)


@click.command()
@out_options
@report_options
@click.option(
    "--processes", type=click.IntRange(0), default=0, help="Judge on so many; 0 takes every core."
)
def rescore(
    out: Path,
    store: str | None,
    standard: Path | None,
    fail_under: float | None,
    language: str,
    unmasked: bool,
    as_json: bool,
    processes: int,
) -> int:
    """Judge every call in the store again, without opening audio, and write the reports.

    For a changed standard or lexicon. Where it asks what was never asked of a recording before,
    the clause is unjudged until `callqa score` has listened.
    """
    from pipeline.rejudge import rescore as judge_again
    from pipeline.show.files import ready
    from pipeline.store import Store

    ready(out)
    with Store(store_url(store, out)) as kept:
        night = judge_again(
            out,
            standard_in(standard),
            kept,
            language=language,
            unmasked=unmasked,
            processes=processes,
        )
    return report(night, fail_under, as_json)
