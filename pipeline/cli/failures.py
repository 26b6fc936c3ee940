"""``callqa failures``: recordings that could not be judged, and having them tried again."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipeline.cli.options import existing, out_options
from pipeline.errors import Exit, UsageError


@click.command()
@click.argument("files", nargs=-1)
@out_options
@click.option(
    "--retry", is_flag=True, help="Have FILES, or all, tried again by the next `callqa score`."
)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def failures(
    files: tuple[str, ...], out: Path, store: str | None, retry: bool, as_json: bool
) -> int:
    """List recordings that could not be judged, and why; FILES as named there, or all.

    What a recording's own content makes fail is tried three times, then set aside until --retry. What
    the machine or the network made fail is tried again by every run.
    """
    from pipeline.records import to_plain
    from pipeline.store import Store

    with Store(existing(store, out)) as kept:
        troubles = [one for one in kept.troubles() if not files or one.failure.file in files]
        if missing := sorted(set(files) - {one.failure.file for one in troubles}):
            raise UsageError(
                missing[0],
                "no recording that failed",
                "a file as `callqa failures` names it",
                "Leave it out to see all.",
            )
        if retry:
            kept.try_again(files)
    if as_json:
        click.echo(json.dumps([to_plain(one) for one in troubles], ensure_ascii=False, indent=1))
        return Exit.DONE
    for one in troubles:
        failed = one.failure
        state = "set aside" if one.set_aside and not retry else "tried again next time"
        tried = f"failed {one.attempts} times, " if one.attempts else ""
        click.echo(f"{failed.file}: {failed.got}; expected {failed.expected}. {failed.hint}")
        click.echo(f"  {tried}{state}; since {one.first_at:%Y-%m-%d %H:%M} UTC, in {one.folder}")
    click.echo(f"{len(troubles)} recordings could not be judged.")
    return Exit.DONE
