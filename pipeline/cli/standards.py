"""``callqa standard``: check a written standard, show it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pipeline.cli.options import standard_in


@click.group("standard")
def standards() -> None:
    """Written standards: check one, show one."""


@standards.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
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
@click.argument("folder", type=click.Path(path_type=Path), required=False)
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
