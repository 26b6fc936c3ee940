"""Options that several commands share, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from pipeline.judge.load import Standard

Command = TypeVar("Command", bound=Callable[..., Any])

OUT = Path("callqa-out")


def out_options(command: Command) -> Command:
    """Options of every command that writes reports or reads the store."""
    for option in (
        click.option(
            "--store",
            metavar="URL",
            help="Database of calls and scores.  [default: sqlite:///OUT/callqa.db]",
        ),
        click.option(
            "--out",
            type=click.Path(path_type=Path, file_okay=False),
            default=OUT,
            show_default=True,
            help="Folder for the results.",
        ),
    ):
        command = option(command)
    return command


def report_options(command: Command) -> Command:
    """Options of the commands that judge and write reports."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON."),
        click.option(
            "--unmasked",
            is_flag=True,
            help="Show personal data (numbers, names, homes) in reports.",
        ),
        click.option(
            "--language",
            type=click.Choice(["zh-Hant", "en"]),
            default="zh-Hant",
            show_default=True,
            help="Language of the reports.",
        ),
        click.option(
            "--fail-under",
            type=click.FloatRange(0, 100),
            help="Exit with 1 when a call scores less.",
        ),
        standard_option,
    ):
        command = option(command)
    return command


def cluster_options(command: Command) -> Command:
    """Where the work runs; see :func:`pipeline.cli.executors.executor_of`."""
    for option in (
        click.option(
            "--gpus-per-worker",
            type=click.FloatRange(0),
            default=0.0,
            show_default=True,
            help="With ray: GPUs that a worker takes, such as 0.25.",
        ),
        click.option(
            "--workers",
            type=click.IntRange(1),
            help="With ray: recordings heard at once.  [default: as many as the cluster has room for]",
        ),
        click.option(
            "--address",
            metavar="HOST:PORT",
            help="With ray: the cluster's head, or auto.  [default: RAY_ADDRESS, or auto]",
        ),
        click.option(
            "--executor",
            type=click.Choice(["local", "ray"]),
            default="local",
            show_default=True,
            help="Where the work runs: here, or on a Ray cluster that is already there.",
        ),
    ):
        command = option(command)
    return command


def standard_option(command: Command) -> Command:
    """The standard to judge by."""
    option = click.option(
        "--standard",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the standard.  [default: the shipped property-reception]",
    )
    return option(command)


def store_url(store: str | None, out: Path) -> str:
    from sqlalchemy import URL

    if store:
        return store
    return URL.create("sqlite", database=str(out / "callqa.db")).render_as_string()


def standard_in(folder: Path | None) -> Standard:
    from pipeline.judge.load import load_standard

    return load_standard(standard_folder(folder))


def standard_folder(folder: Path | None) -> Path:
    from pipeline.settings import default_standard

    return folder or default_standard()
