"""``callqa doctor``: is this machine fit for a night?"""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipeline.cli.options import out_options, standard_folder, standard_option, store_url
from pipeline.errors import Exit


@click.command()
@out_options
@standard_option
@click.option("--model", default="base", show_default=True, help="Whisper model: name or path.")
@click.option("--quick", is_flag=True, help="Load no model.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def doctor(
    out: Path,
    store: str | None,
    standard: Path | None,
    model: str,
    quick: bool,
    as_json: bool,
) -> Exit:
    """Check machine, models, store and standard, and say what to do; exit 2 when something must be mended.

    Uses no network but the store's, and changes nothing but the cache of weights.
    """
    from pipeline.doctor import examine
    from pipeline.records import to_plain
    from pipeline.settings import Settings

    checks = []
    for check in examine(
        Settings(model=model), store_url(store, out), out, standard_folder(standard), quick=quick
    ):
        checks.append(check)
        if not as_json:  # each as soon as it is known: loading models takes seconds
            click.echo(f"{check.state:8} {check.name:10} {check.found}")
            if check.to_do:
                click.echo(f"{'':19} {check.to_do}")
    if as_json:
        click.echo(json.dumps([to_plain(one) for one in checks], ensure_ascii=False, indent=1))
    wrong = any(check.state == "problem" for check in checks)
    return Exit.USAGE if wrong else Exit.DONE
