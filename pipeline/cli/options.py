"""Options that several commands share, and what they stand for."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from pipeline.cli.executors import Where
from pipeline.cli.running import Asked
from pipeline.cli.types import Finite, GivenPath
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.judge.load import Standard

Command = TypeVar("Command", bound=Callable[..., Any])

OUT = Path("callqa-out")

STORE = "CALLQA_STORE"
"""Environment variable that holds the store's URL: with its password, if it has one."""

STORE_FILE = "CALLQA_STORE_FILE"
"""Environment variable that names a file with that URL, such as a credential of systemd."""


def out_options(command: Command) -> Command:
    """Options of every command that writes reports or reads the store."""
    for option in (
        click.option(
            "--store",
            metavar="URL",
            help="Database of calls and scores; one with a password in CALLQA_STORE, or in a file "
            "that CALLQA_STORE_FILE names.  [default: sqlite:///OUT/callqa.db]",
        ),
        click.option(
            "--out",
            type=GivenPath(file_okay=False),
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
            type=Finite(0, 100),
            help="Exit with 1 when a call scores less.",
        ),
        standard_option,
    ):
        command = option(command)
    return command


def together(name: str, made: Callable[..., object], *parts: str) -> Callable[[Command], Command]:
    """Give a command several of its options as one value, ``name``, that ``made`` makes of them."""

    def wrap(command: Command) -> Command:
        @wraps(command)
        def called(**given: Any) -> Any:
            return command(**{name: made(**{part: given.pop(part) for part in parts})}, **given)

        return cast(Command, called)

    return wrap


def run_options(command: Command) -> Command:
    """How a run that writes results is kept: ``asked``, an :class:`~pipeline.cli.running.Asked`."""
    command = together("asked", Asked, "log", "log_format", "wait")(command)
    for option in (
        click.option(
            "--wait",
            type=Finite(0),
            metavar="SECONDS",
            default=0.0,
            help="Wait so long while another run writes to OUT.  [default: not at all]",
        ),
        click.option(
            "--log-format",
            type=click.Choice(["text", "json"]),
            help="With --log: logfmt, or JSON.  [default: text]",
        ),
        click.option(
            "--log",
            metavar="FILE",
            help="Add what happens to a log, an event a line; - is standard error.",
        ),
    ):
        command = option(command)
    return command


def cluster_options(command: Command) -> Command:
    """Where the work runs: ``where``, a :class:`~pipeline.cli.executors.Where`."""
    command = together("where", Where, "executor", "address", "workers", "gpus_per_worker")(command)
    for option in (
        click.option(
            "--gpus-per-worker",
            type=Finite(0),
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
        type=GivenPath(file_okay=False),
        help="Folder of the standard.  [default: the shipped property-reception]",
    )
    return option(command)


def store_url(store: str | None, out: Path) -> str:
    """The store's URL: of the option, else of the environment, else a file in the results' folder.

    Raises:
        UsageError: a password on the command line, where everybody on the machine can read it; or
            a file of ``CALLQA_STORE_FILE`` that cannot be read.
    """
    if store:
        return _without_password(store)
    return os.environ.get(STORE) or _store_in_file() or own_store(out)


def own_store(out: Path) -> str:
    """The store that lies with the results, where no other is named."""
    from sqlalchemy import URL

    return URL.create("sqlite", database=str(out / "callqa.db")).render_as_string()


def existing(store: str | None, out: Path) -> str:
    """The URL of a store that is there: a new one would hold nothing, and so say that all is well.

    Raises:
        UsageError: none is there
    """
    url = store_url(store, out)
    if url == own_store(out) and not (out / "callqa.db").is_file():
        raise UsageError(
            str(out), "no callqa.db", "the folder of earlier results", "Give --out or --store."
        )
    if missing := missing_store(url):
        raise missing
    return url


def missing_store(url: str) -> UsageError | None:
    """What is wrong where a URL is of SQLite and names no file that holds a store.

    ``file:`` URIs are SQLite's own to read: they say themselves whether a file may be made.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return None  # the store says what is wrong with it
    file = parsed.database or ":memory:"
    if parsed.get_backend_name() != "sqlite" or (
        file.startswith("file:") and "uri" in parsed.query
    ):
        return None
    if file == ":memory:":
        return _no_store(url, "a store in memory, which is empty")
    try:
        found = Path(file).stat()
    except (OSError, ValueError) as error:
        return _no_store(file, f"no store ({getattr(error, 'strerror', None) or error})")
    if not S_ISREG(found.st_mode):
        return _no_store(file, "no file")
    return None if found.st_size else _no_store(file, "an empty file")


def _no_store(where: str, got: str) -> UsageError:
    return UsageError(
        where,
        got,
        "the store of an earlier `callqa score`, which alone makes one",
        f"Correct --store or {STORE}.",
    )


def _without_password(url: str) -> str:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return url  # the store says what is wrong with it
    if parsed.password is None and not any("pass" in key.lower() for key in parsed.query):
        return url
    raise UsageError(
        "--store",
        "a password on the command line, where others on this machine can read it",
        f"the URL without one, or in the environment variable {STORE}",
        f"Set {STORE}, or {STORE_FILE} to a file that holds the URL, or use PGPASSFILE.",
    )


def _store_in_file() -> str | None:
    named = os.environ.get(STORE_FILE)
    if not named:
        return None
    try:
        url = Path(named).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{STORE_FILE}={named}",
            f"cannot be read ({error.strerror if isinstance(error, OSError) else error})",
            "a text file that holds the store's URL",
            "Correct the path or its permissions.",
        ) from error
    if not url:
        raise UsageError(
            f"{STORE_FILE}={named}",
            "an empty file",
            "a text file that holds the store's URL",
            f"Write the URL into it, or unset {STORE_FILE} to keep the store with the results.",
        )
    return url


def standard_in(folder: Path | None) -> Standard:
    from pipeline.judge.load import load_standard

    return load_standard(standard_folder(folder))


def standard_folder(folder: Path | None) -> Path:
    from pipeline.settings import default_standard

    return folder or default_standard()
