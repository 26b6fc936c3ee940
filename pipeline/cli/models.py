"""``callqa models``: the weights on this machine."""

from __future__ import annotations

import json

import click

from pipeline.cli.types import Given


@click.group()
def models() -> None:
    """Weights of Whisper and of the speaker models: list them, fetch them, show where they lie."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_models(as_json: bool) -> None:
    """List the models known by name, and whether they are on this machine."""
    from pipeline.listen.speaker_weights import listed
    from pipeline.models import available
    from pipeline.records import to_plain

    rows = (*available(), listed())
    if as_json:
        click.echo(json.dumps([to_plain(row) for row in rows], indent=1))
        return
    for row in rows:
        click.echo(f"{row.name:16} {'here' if row.here else 'not here':9} {row.source}")


@models.command()
@click.argument("name", default="base", type=Given())
@click.option("--yes", is_flag=True, help="Do not ask.")
def fetch(name: str, yes: bool) -> None:
    """Download the model NAME and check it: a size, OWNER/NAME on the model hub, or `speakers`."""
    from pipeline.listen.speaker_weights import NAME, fetch_speaker_weights
    from pipeline.models import fetch as fetched

    if not yes and not _agreed(name):
        click.echo("Nothing was fetched.", err=True)
        return
    click.echo(str(fetch_speaker_weights() if name == NAME else fetched(name).path))


def _agreed(name: str) -> bool:
    """Whether the person at the terminal wants it downloaded.

    Raises:
        UsageError: there is nobody to ask
    """
    from pipeline.errors import UsageError

    try:
        return click.confirm(f"Download {name} over the network?", err=True)
    except click.Abort as ended:
        if not isinstance(ended.__context__, EOFError):
            raise  # somebody is there, and pressed Ctrl-C
        raise UsageError(
            "callqa models fetch",
            "a question that nobody answered: standard input is at its end",
            "yes or no, since it downloads over the network",
            "Answer it in a terminal, or add --yes.",
        ) from ended


@models.command()
@click.argument("name", default="base", type=Given())
def path(name: str) -> None:
    """Check the model NAME against its SHA-256 and print where it lies."""
    from pipeline.listen.speaker_weights import NAME, checked_folder
    from pipeline.models import resolve

    click.echo(str(checked_folder() if name == NAME else resolve(name).path))
