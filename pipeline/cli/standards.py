"""``callqa standard``: check a written standard, show it, try it on dialogues."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipeline.cli.options import standard_in, standard_option
from pipeline.cli.types import GivenPath
from pipeline.errors import Exit


@click.group("standard")
def standards() -> None:
    """Written standards: check one, show one, try one on dialogues."""


@standards.command()
@click.argument("folder", type=GivenPath(), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def check(folder: Path | None, as_json: bool) -> None:
    """Check the standard in FOLDER: schema, clauses, lexicons. Names the line of what is wrong."""
    rules = standard_in(folder)
    phrases = sum(len(lexicon.variants) for lexicon in rules.lexicons.values())
    if as_json:
        found = {"id": rules.model.id, "sha256": rules.sha256, "clauses": len(rules.model.clauses)}
        click.echo(json.dumps({**found, "lexicons": len(rules.lexicons), "wordings": phrases}))
        return
    click.echo(
        f"{rules.model.id}: {len(rules.model.clauses)} clauses, {len(rules.lexicons)} lexicons with "
        f"{phrases} wordings; nothing wrong."
    )


@standards.command()
@click.argument("folder", type=GivenPath(), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(folder: Path | None, as_json: bool) -> None:
    """Show every clause of the standard in FOLDER, what it demands and how it is judged."""
    from pipeline.records import to_plain

    outline = standard_in(folder).outline
    if as_json:
        click.echo(json.dumps(to_plain(outline), ensure_ascii=False, indent=1))
        return
    click.echo(f"{outline.title}  ({outline.id}, {outline.sha256[:12]})")
    for clause in outline.clauses:
        critical = "  critical" if clause.critical else ""
        click.echo(f"\n{clause.id}  {clause.title}  [{clause.dimension}]{critical}")
        click.echo(f"    {clause.demands}\n    judged by: {clause.how}")


@standards.command()
def schema() -> None:
    """Print the JSON schema of standard.yaml, for an editor that completes what you type."""
    from pipeline.judge.standard import StandardModel

    click.echo(json.dumps(StandardModel.model_json_schema(), ensure_ascii=False, indent=1))


@standards.command()
@click.argument("folder", type=GivenPath())
@standard_option
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def test(folder: Path, standard: Path | None, as_json: bool) -> Exit:
    """Run the standard on the dialogues in FOLDER; exit 1 when one comes out otherwise.

    FOLDER holds a YAML file for each clause, with dialogues under fail, pass, not_applicable and
    unjudged.
    """
    from pipeline.judge.cases import read_cases, run
    from pipeline.records import to_plain
    from pipeline.show.language import language_named
    from pipeline.show.reasons import say

    rules = standard_in(standard)
    outcomes = [run(case, rules) for case in read_cases(folder, rules)]
    wrong = [outcome for outcome in outcomes if not outcome.right]
    if as_json:
        rows = [
            {
                "clause": one.case.clause,
                "name": one.case.dialogue.name,
                "where": one.case.where,
                "expected": one.case.expected,
                "verdict": to_plain(one.verdict),
            }
            for one in outcomes
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for one in wrong:
            why = say(one.verdict.reason, language_named("en"))
            click.echo(
                f"{one.case.where}: {one.case.clause}, {one.case.dialogue.name}: expected "
                f"{one.case.expected}, got {one.verdict.status} ({why})"
            )
        click.echo(
            f"{len(outcomes) - len(wrong)} of {len(outcomes)} dialogues come out as expected."
        )
    return Exit.BELOW_THRESHOLD if wrong else Exit.DONE


@standards.command()
@click.argument("folder", type=GivenPath(), required=False)
@click.option(
    "--cases",
    type=GivenPath(),
    help="Folder of dialogues, as `standard test` takes.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def coverage(folder: Path | None, cases: Path | None, as_json: bool) -> None:
    """Show how each clause of the standard in FOLDER is judged, and how many dialogues hold it."""
    from pipeline.judge.cases import EXPECTED, read_cases
    from pipeline.judge.cases import coverage as held_by
    from pipeline.judge.load import how_judged

    rules = standard_in(folder)
    held = held_by(rules, read_cases(cases, rules) if cases else ())
    rows = [
        (
            clause.id,
            clause.title,
            how_judged(clause),
            *(held[clause.id][status] for status in EXPECTED),
        )
        for clause in rules.model.clauses
    ]
    if as_json:
        names = ("clause", "title", "judged_by", *EXPECTED)
        table = [dict(zip(names, row, strict=True)) for row in rows]
        click.echo(json.dumps(table, ensure_ascii=False, indent=1))
        return
    click.echo("| clause | title | judged by | fail | pass | n/a | unjudged |")
    click.echo("|---|---|---|---:|---:|---:|---:|")
    for row in rows:
        click.echo("| " + " | ".join(str(cell) for cell in row) + " |")
