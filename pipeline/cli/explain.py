"""``callqa explain``: why a call got its verdicts."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipeline.cli.options import existing, out_options, standard_in
from pipeline.cli.types import GivenPath
from pipeline.errors import CallqaError, Exit

SHOWN = 5
"""Names that end alike and are named; whoever sees these knows what more to give."""


@click.command()
@click.argument("file")
@click.argument("clause", required=False)
@out_options
@click.option("--standard", type=GivenPath(file_okay=False), help="Its folder.")
@click.option(
    "--language",
    type=click.Choice(["zh-Hant", "en"]),
    default="en",
    show_default=True,
    help="Language of the explanation.",
)
@click.option("--unmasked", is_flag=True, help="Show personal data.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
def explain(
    file: str,
    clause: str | None,
    out: Path,
    store: str | None,
    standard: Path | None,
    language: str,
    unmasked: bool,
    as_json: bool,
) -> int:
    """Say why FILE got its verdicts, or only that on CLAUSE, with times and quotes."""
    from pipeline.judge.judge import judge
    from pipeline.records import Judged, to_plain
    from pipeline.show.explain import explain as explained
    from pipeline.store import Store
    from pipeline.wording.shown import as_shown

    rules = standard_in(standard)
    with Store(existing(store, out)) as known:
        if len(names := known.names_like(file)) > 1:
            raise _several(file, names)
        kept = known.find(file)
        if kept is None:
            raise _unknown_file(file, known.files())
        last = known.judged_by(kept.call.recording.id)
    if last and last != rules.sha256:
        note = (
            "the reports hold what another standard made of this call; --standard takes its folder"
        )
        click.echo(f"callqa: {note}", err=True)
    judgement = judge(kept.call, rules, kept.answers)
    judged = Judged(kept.call, judgement.scorecard, judgement.measures)
    shown = as_shown(judged, unmasked=unmasked)
    said = explained(shown, rules.outline, clause, language)
    if as_json:
        verdicts = [v for v in shown.scorecard.verdicts if clause in (None, v.clause)]
        click.echo(json.dumps([to_plain(v) for v in verdicts], ensure_ascii=False, indent=1))
    else:
        click.echo(said)
    return Exit.DONE


def _several(file: str, names: tuple[str, ...]) -> CallqaError:
    from pipeline.errors import UsageError

    shown = ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
    return UsageError(
        file, f"the end of {len(names)} names", f"one of {shown}", "Give more of its path."
    )


def _unknown_file(file: str, known: tuple[str, ...]) -> CallqaError:
    from rapidfuzz import process

    from pipeline.errors import UsageError

    names = tuple(dict.fromkeys(known))
    near = [name for name, _, _ in process.extract(file, names, limit=3, score_cutoff=50)]
    return UsageError(
        file,
        "not a call in the store",
        "a file as named in scores.csv",
        f"Did you mean {', '.join(near)}?" if near else "Score it first, or give --out or --store.",
    )
