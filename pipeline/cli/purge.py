"""``callqa purge``: delete what is older than it may be kept."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.options import existing, out_options
from pipeline.cli.types import GivenPath
from pipeline.errors import Exit, UsageError

if TYPE_CHECKING:
    from pipeline.purge import Purged, Retention

SHOWN = 50
"""Lines of each kind that a person is shown; --json tells all."""


@click.command()
@click.option(
    "--older-than",
    required=True,
    metavar="AGE",
    help="A whole number of hours, days or weeks, such as 12h, 180d or 26w.",
)
@click.option(
    "--transcripts",
    is_flag=True,
    help="Only what was said; verdicts and scores stay for statistics.",
)
@click.option("--audio", is_flag=True, help="Only the recordings' files; needs --recordings.")
@click.option(
    "--recordings",
    type=GivenPath(file_okay=False, exists=True),
    help="The folder of recordings; nothing outside it is touched, and no link followed.",
)
@click.option("--dry-run", is_flag=True, help="Delete nothing; list what would go.")
@click.option("--json", "as_json", is_flag=True, help="Print what went as JSON.")
@out_options
def purge(
    older_than: str,
    transcripts: bool,
    audio: bool,
    recordings: Path | None,
    dry_run: bool,
    as_json: bool,
    out: Path,
    store: str | None,
) -> int:
    """Delete what is kept of calls older than AGE, reckoned from started_at, else from when heard.

    \b
      callqa purge --older-than 180d --dry-run          what would go?
      callqa purge --older-than 180d --transcripts      what was said; scores stay
      callqa purge --older-than 30d --audio --recordings calls/

    Without --transcripts and --audio everything kept of those calls goes, and with --recordings their
    files as well; a recording that is left is heard again by the next `callqa score`. One whose
    transcript alone was purged is not. From OUT go the documents of those calls, and report and tables
    in which they stand: `callqa rescore` makes those anew.

    Exit codes: 0 done · 3 some files could not be deleted.
    """
    from pipeline.lock import held
    from pipeline.purge import Retention, age_of
    from pipeline.purge import purge as purge_store
    from pipeline.store import Store

    retention = Retention(age_of(older_than), transcripts, audio, recordings)
    _check(retention)
    url = existing(store, out)
    # a run that writes these results would write what is about to go
    alone = nullcontext() if dry_run or not out.is_dir() else held(out, "purge")
    with alone, Store(url) as kept:
        done = purge_store(kept, out, retention, dry_run=dry_run)
    if as_json:
        click.echo(json.dumps(summary(done, dry_run), ensure_ascii=False, indent=1))
    else:
        _tell(done, retention, dry_run)
    return Exit.SOME_UNJUDGED if done.kept or not done.emptied else Exit.DONE


def _check(retention: Retention) -> None:
    if retention.audio and retention.recordings is None:
        raise UsageError(
            "--audio", "no --recordings", "the folder of recordings", "Add --recordings FOLDER."
        )
    if retention.words and not retention.audio and retention.recordings is not None:
        raise UsageError(
            "--recordings",
            "--transcripts alone, which deletes no recording",
            "--audio, or no --recordings",
            "Add --audio, or leave out --recordings.",
        )


def summary(done: Purged, dry_run: bool) -> dict[str, Any]:
    """What went, or would go, for a program."""
    return {
        "dry_run": dry_run,
        "before": done.before.isoformat(timespec="seconds"),
        "calls": [
            {
                "file": one.file,
                "recording_sha256": one.recording_id,
                "began": one.began.isoformat(timespec="seconds"),
                "bytes": one.stored_bytes,
            }
            for one in done.calls
        ],
        **{
            kind: [{"path": str(gone.path), "bytes": gone.size_bytes} for gone in files]
            for kind, files in (
                ("recordings", done.recordings),
                ("documents", done.documents),
                ("reports", done.reports),
            )
        },
        "not_deleted": [{"path": str(path), "why": why} for path, why in done.kept],
        "log_emptied": done.emptied,
    }


def _tell(done: Purged, retention: Retention, dry_run: bool) -> None:
    would = "would go" if dry_run else "gone"
    what = "words" if retention.words else "everything"
    lines = [
        f"store: {_line(one.file)} ({one.began:%Y-%m-%d}): {what} {would}" for one in done.calls
    ]
    _some(lines)
    _some([f"file: {_line(gone.path)}: {would}" for gone in done.files])
    for path, why in done.kept:
        click.echo(f"callqa: {_line(path)}: cannot be deleted ({why})", err=True)
    size = sum(one.stored_bytes for one in done.calls) + sum(one.size_bytes for one in done.files)
    click.echo(
        f"{len(done.calls)} calls in the store, {len(done.recordings)} recordings, "
        f"{len(done.documents)} documents, {len(done.reports)} reports {would}: {size / 1e6:.1f} MB "
        f"from before {done.before:%Y-%m-%d %H:%M} UTC."
    )
    if done.reports:
        click.echo("`callqa rescore` makes report and tables anew from what is left.")
    if not done.emptied:
        click.echo(
            "callqa: another program reads the store, so that its log still holds what went. "
            "Purge again when it is done.",
            err=True,
        )
    if done.calls and not dry_run:
        click.echo("Backups, copies and archived database logs are not ours to delete.")


def _line(path: Path | str) -> str:
    """A file, whatever a recorder put into its name, on one line of a terminal."""
    from pipeline.show.figures import printable

    return printable(str(path)).replace("\n", "\N{REPLACEMENT CHARACTER}")


def _some(lines: list[str]) -> None:
    for line in lines[:SHOWN]:
        click.echo(line)
    if len(lines) > SHOWN:
        click.echo(f"… and {len(lines) - SHOWN} more (--json lists all)")
