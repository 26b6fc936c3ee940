"""``callqa score`` and ``callqa rescore``: judge calls, write reports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pipeline.cli.executors import Where, executor_of
from pipeline.cli.options import (
    cluster_options,
    existing,
    missing_store,
    out_options,
    report_options,
    run_options,
    standard_folder,
    standard_in,
    store_url,
)
from pipeline.cli.report import exit_code_of, report
from pipeline.cli.running import Asked, Running
from pipeline.cli.types import Finite, Given
from pipeline.errors import UsageError

SLOWEST = 0.01
"""Times real time: the least speed that ``--speed`` takes. A worker so slow hears 15 minutes a day."""


@click.command()
@click.argument("folder", type=Given())
@out_options
@report_options
@run_options
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
@click.option(
    "--threads",
    type=click.IntRange(0),
    default=0,
    help="Recordings heard at once, by one CPU thread each; 0 means one a core.",
)
@cluster_options
@click.option(
    "--name-pattern",
    metavar="REGEX",
    help="Named groups (agent_id, started_at, line …) read from file names.",
)
@click.option(
    "--plan",
    is_flag=True,
    help="Hear nothing; say how long it would take on 1, 2, 4 … workers.",
)
@click.option(
    "--speed",
    type=Finite(SLOWEST),
    help="With --plan: times real time of one worker.  [default: as measured by the last run]",
)
@click.option("--profile", is_flag=True, help="Print where the time went, by stage.")
def score(
    folder: str,
    out: Path,
    store: str | None,
    standard: Path | None,
    fail_under: float | None,
    language: str,
    unmasked: bool,
    as_json: bool,
    asked: Asked,
    where: Where,
    name_pattern: str | None,
    plan: bool,
    speed: float | None,
    profile: bool,
    **listening: Any,
) -> int:
    """Score every recording in FOLDER (searched recursively) and write the reports.

    FOLDER may be a URL, such as s3://bucket/night, of anything fsspec reads. It may hold calls.csv with
    any of: file, agent_id, started_at, kind, line, direction, rings, released_by, agent_channel. Only
    `file` is required; other columns are kept as tags.

    A second run listens only to what is new. Results: scores.csv, verdicts.csv, calls/*.json,
    report.html and summary.json in OUT, which one run at a time may write to.

    \b
    Exit codes: 0 done · 1 a call fell below --fail-under · 2 usage or configuration ·
    3 some recordings could not be judged · 4 a bug of ours · 130 interrupted
    """
    if speed is not None and not plan:
        raise UsageError("--speed", "no --plan", "the speed to plan with", "Add --plan.")
    if plan:
        return _plan(folder, out, store, listening, speed, name_pattern, where.workers, as_json)
    with Running("score", out, asked, fail_under) as run:
        # only now what takes seconds to import: a run that is refused is refused at once
        from rich.console import Console

        from pipeline.batch import score_folder
        from pipeline.places import place
        from pipeline.settings import Settings
        from pipeline.store import Store
        from pipeline.terminal import TerminalProgress

        settings, recordings = Settings(**listening), place(folder)
        written = standard_in(standard)
        with (
            Store(store_url(store, out)) as kept,
            executor_of(where, settings, standard_folder(standard)) as chosen,
        ):
            night = score_folder(
                recordings,
                out,
                written,
                kept,
                settings,
                executor=chosen,
                name_pattern=name_pattern,
                language=language,
                unmasked=unmasked,
                # a bar and a log's lines on one terminal would overwrite each other
                progress=None if asked.on_terminal else TerminalProgress(Console(stderr=True)),
                journal=run.tell,
            )
        run.ends(exit_code_of(night, fail_under))
    if profile:
        from pipeline.cli.profile import profile_table

        Console(stderr=True).print(profile_table(night.spent))
    return report(night, fail_under, as_json)


def _plan(
    folder: str,
    out: Path,
    store: str | None,
    listening: Mapping[str, Any],
    speed: float | None,
    name_pattern: str | None,
    workers: int | None,
    as_json: bool,
) -> int:
    """What the night would take. A store that is not there yet knows nothing, and is not made."""
    import json

    from rich.console import Console

    from pipeline.cli.plan import plan_summary, show_plan
    from pipeline.errors import Exit
    from pipeline.places import place
    from pipeline.plan import plan_night
    from pipeline.settings import Settings
    from pipeline.store import Store

    url = store_url(store, out)
    if missing_store(url):
        url = "sqlite://"
    with Store(url) as kept:
        plan = plan_night(
            place(folder), kept, Settings(**listening), speed=speed, name_pattern=name_pattern
        )
    if as_json:
        click.echo(json.dumps(plan_summary(plan, workers), ensure_ascii=False, indent=1))
    else:
        show_plan(plan, workers, Console())
    return Exit.DONE


@click.command()
@out_options
@report_options
@run_options
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
    asked: Asked,
    processes: int,
) -> int:
    """Judge every call in the store again, without opening audio, and write the reports.

    For a changed standard or lexicon. Where it asks what was never asked of a recording before,
    the clause is unjudged until `callqa score` has listened.
    """
    from pipeline.lock import NAME

    # where no run has been, nothing is made; where one is at work, it may yet make the store
    if not (out / NAME).exists():
        existing(store, out)
    with Running("rescore", out, asked, fail_under) as run:
        from pipeline.rejudge import rescore as judge_again
        from pipeline.store import Store

        with Store(existing(store, out)) as kept:
            night = judge_again(
                out,
                standard_in(standard),
                kept,
                language=language,
                unmasked=unmasked,
                processes=processes,
                journal=run.tell,
            )
        run.ends(exit_code_of(night, fail_under))
    return report(night, fail_under, as_json)
