"""``callqa export``: scored calls as tables, a workbook, or clips of evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.options import existing, out_options
from pipeline.cli.types import Finite, GivenPath
from pipeline.errors import Exit, UsageError

if TYPE_CHECKING:
    from pipeline.export import Clips, Exported
    from pipeline.listen.clips import ClipFormat

TABLES = ("csv", "parquet", "jsonl", "xlsx")
SOUNDS = ("wav", "flac")
DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("target", metavar="OUT_PATH", type=GivenPath())
@click.option(
    "--format",
    "form",
    type=click.Choice([*TABLES, *SOUNDS]),
    help="Of the tables; wav or flac with --audio.  [default: by the suffix of OUT_PATH; wav]",
)
@click.option(
    "--standard",
    help="Which standard's verdicts: its id, or its folder, which also gives clause titles.",
)
@click.option("--since", type=DAY, help="Only calls of this day and later, such as 2026-11-01.")
@click.option("--until", type=DAY, help="Only calls of this day and earlier.")
@click.option("--agent", "agents", multiple=True, help="Only this agent's calls; may be repeated.")
@click.option("--below", type=Finite(0), help="Only calls that score less.")
@click.option(
    "--failed", multiple=True, metavar="CLAUSE", help="Only calls that failed it; may be repeated."
)
@click.option("--audio", is_flag=True, help="Cut evidence clips into the folder OUT_PATH.")
@click.option(
    "--recordings",
    type=GivenPath(file_okay=False, exists=True),
    help="With --audio: the folder that was scored.",
)
@click.option(
    "--margin",
    type=Finite(0, 60),
    default=2.0,
    show_default=True,
    help="With --audio: seconds of sound on either side of the evidence.",
)
@click.option("--unjudged", is_flag=True, help="With --audio: clips of what was left open as well.")
@click.option(
    "--language",
    type=click.Choice(["zh-Hant", "en"]),
    default="zh-Hant",
    show_default=True,
    help="Language of the workbook and of reasons.",
)
@click.option("--unmasked", is_flag=True, help="Show personal data; with --audio, silence nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@out_options
def export(
    target: Path,
    form: str | None,
    standard: str | None,
    since: datetime | None,
    until: datetime | None,
    agents: tuple[str, ...],
    below: float | None,
    failed: tuple[str, ...],
    audio: bool,
    recordings: Path | None,
    margin: float,
    unjudged: bool,
    language: str,
    unmasked: bool,
    as_json: bool,
    out: Path,
    store: str | None,
) -> int:
    """Write scored calls for other programs, or clips of their evidence. Personal data is masked.

    \b
      callqa export night.xlsx                          a workbook for people
      callqa export tables/ --format parquet            calls, verdicts, utterances, agents
      callqa export clips/ --audio --recordings calls/  what failed, to listen to

    A clip holds the evidence of a failed clause; words that hold personal data are silent in it.

    Exit codes: 0 done · 3 some clips could not be cut.
    """
    from pipeline.export import FORMATS, ClipOrder, Order, export_clips
    from pipeline.export import export as written_to
    from pipeline.settings import Settings
    from pipeline.show.language import language_named
    from pipeline.store import Store
    from pipeline.store.extract import Wanted, standard_in_store

    chosen = format_of(target, form, audio)
    if since and until and since > until:
        raise UsageError(
            "--since", f"{since:%Y-%m-%d}, after --until", "the earlier day", "Exchange the two."
        )
    if audio and recordings is None:
        raise UsageError(
            "--audio", "no --recordings", "the folder that was scored", "Add --recordings FOLDER."
        )
    identity, titles = _standard(standard)
    with Store(existing(store, out)) as kept:
        identity = standard_in_store(kept.database, identity)
        order = Order(
            Wanted(
                identity,
                since.date() if since else None,
                until.date() if until else None,
                agents,
                below,
            ),
            failed,
            unmasked,
            language_named(language),
            titles or _shipped_titles(identity),
        )
        if recordings is not None and audio:
            sound: ClipFormat = "flac" if chosen == "flac" else "wav"
            decode_s = Settings().decode_s
            wanted = ClipOrder(order, recordings, sound, round(margin * 1000), unjudged, decode_s)
            return _tell_clips(export_clips(kept, wanted, target), target, as_json)
        form_of_tables = next(one for one in FORMATS if one == chosen)
        return _tell(written_to(kept, order, target, form_of_tables), as_json)


def format_of(target: Path, form: str | None, audio: bool) -> str:
    """The format asked for, or that of the suffix.

    Raises:
        UsageError: there is neither, or it is not one for tables, or for sound
    """
    allowed = SOUNDS if audio else TABLES
    found = form or target.suffix.removeprefix(".").lower()
    if audio and form is None:
        return "wav"
    if found in allowed:
        return found
    raise UsageError(
        "--format",
        found or "none",
        f"{', '.join(allowed[:-1])} or {allowed[-1]}",
        "Name one, or add --audio to cut clips." if found in SOUNDS else "Name one with --format.",
    )


def _standard(asked: str | None) -> tuple[str | None, Mapping[str, str]]:
    """The id of a standard asked for, and its clauses' titles where it is a folder."""
    from pipeline.judge.load import FILE, titles_in

    if asked is None or not (Path(asked) / FILE).is_file():
        return asked, {}
    return titles_in(Path(asked))


def _shipped_titles(identity: str) -> Mapping[str, str]:
    """The titles of the shipped standard's clauses, if that is the one."""
    from pipeline.judge.load import titles_in
    from pipeline.settings import default_standard

    shipped, titles = titles_in(default_standard())
    return titles if identity == shipped else {}


def _tell(done: Exported, as_json: bool) -> int:
    files = [str(path) for path in done.files]
    if as_json:
        told = {"calls": done.calls, "purged": done.purged, "files": files}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        purged = f", {done.purged} of them without words (purged)" if done.purged else ""
        click.echo(f"{done.calls} calls{purged}: {', '.join(files)}")
    return Exit.DONE


def _tell_clips(done: Clips, target: Path, as_json: bool) -> int:
    from pipeline.records import to_plain

    if as_json:
        told = {
            "clips": done.written,
            "without_a_place": done.placeless,
            "failures": [to_plain(failure) for failure in done.failures],
            "folder": str(target),
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for failure in done.failures:
            click.echo(
                f"callqa: {failure.file}: {failure.got}; expected {failure.expected}. {failure.hint}",
                err=True,
            )
        click.echo(
            f"{done.written} clips in {target}, {done.placeless} verdicts without a place in the "
            f"sound, {len(done.failures)} recordings could not be cut."
        )
    return Exit.SOME_UNJUDGED if done.failures else Exit.DONE
