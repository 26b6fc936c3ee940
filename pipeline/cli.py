"""The command line: options -> one library call -> what it says.

Everything heavy is imported inside the command that needs it, so that ``--help`` answers at once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipeline import __version__
from pipeline.errors import CallqaError, Exit

if TYPE_CHECKING:
    from pipeline.batch import Night

Command = TypeVar("Command", bound=Callable[..., Any])

OUT = Path("callqa-out")


def main() -> None:
    """Run the command line and turn what happened into an exit code (the contract of errors.Exit)."""
    try:
        code = callqa.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted. What was already heard is kept; run again to go on.", err=True)
        code = Exit.INTERRUPTED
    except KeyboardInterrupt:
        click.echo("Interrupted. What was already heard is kept; run again to go on.", err=True)
        code = Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = Exit.USAGE
    except CallqaError as error:
        click.echo(f"callqa: {error}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        code = Exit.DONE  # whoever read our output has seen enough
    except Exception:  # noqa: BLE001 - the one place where a bug of ours becomes exit code 4
        import traceback

        traceback.print_exc()
        click.echo("callqa: this is a bug of ours; please report the lines above.", err=True)
        code = Exit.BUG
    sys.exit(int(code or Exit.DONE))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="callqa")
def callqa() -> None:
    """Score recorded front-desk calls, clause by clause, against a written reception standard.

    \b
    Score a folder of recordings and open the report:
      callqa score recordings/
      open callqa-out/report.html
    Why did a call lose points?
      callqa explain lobby-0312.wav
    Try a changed standard on every call heard so far, without listening again:
      callqa rescore --standard my-standard/

    Nothing leaves this machine, and nothing is downloaded unless `callqa models fetch` is asked to.
    """


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
        click.option(
            "--standard",
            type=click.Path(path_type=Path, file_okay=False),
            help="Folder of the standard.  [default: the shipped property-reception]",
        ),
    ):
        command = option(command)
    return command


@callqa.command()
@click.argument("folder", type=click.Path(path_type=Path))
@out_options
@report_options
@click.option("--model", default="base", show_default=True, help="Whisper model: name or path.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "faster-whisper", "openai-whisper"]),
    default="auto",
    show_default=True,
    help="What runs the model; auto takes the fastest that can read it.",
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="auto takes a GPU if there is one.",
)
@click.option("--threads", type=click.IntRange(0), default=0, help="CPU threads; 0 means all.")
@click.option(
    "--executor",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Where the work runs.",
)
@click.option(
    "--name-pattern",
    metavar="REGEX",
    help="Named groups (agent_id, started_at, line …) read from file names.",
)
def score(
    folder: Path,
    out: Path,
    store: str | None,
    standard: Path | None,
    fail_under: float | None,
    language: str,
    unmasked: bool,
    as_json: bool,
    executor: str,
    name_pattern: str | None,
    **listening: Any,
) -> int:
    """Score every recording in FOLDER (searched recursively) and write the reports.

    FOLDER may hold calls.csv with any of: file, agent_id, started_at, kind, line, direction, rings,
    released_by, agent_channel. Only `file` is required; other columns are kept as tags.

    A second run listens only to what is new. Results: scores.csv, verdicts.csv, calls/*.json and
    report.html in OUT.

    \b
    Exit codes: 0 done · 1 a call fell below --fail-under · 2 usage or configuration ·
    3 some recordings could not be judged · 4 a bug of ours · 130 interrupted
    """
    from pipeline.errors import UsageError

    if executor != "local":
        raise UsageError(
            "--executor", executor, "local", "This version runs on one machine; leave it out."
        )
    from rich.console import Console

    from pipeline.batch import ready, score_folder
    from pipeline.settings import Settings
    from pipeline.store import Store
    from pipeline.terminal import TerminalProgress

    ready(out)
    with Store(_store_url(store, out)) as kept:
        night = score_folder(
            folder,
            out,
            _standard(standard),
            kept,
            Settings(**listening),
            name_pattern=name_pattern,
            language=language,
            unmasked=unmasked,
            progress=TerminalProgress(Console(stderr=True)),
        )
    return _report(night, fail_under, as_json)


@callqa.command()
@out_options
@report_options
def rescore(
    out: Path,
    store: str | None,
    standard: Path | None,
    fail_under: float | None,
    language: str,
    unmasked: bool,
    as_json: bool,
) -> int:
    """Judge every call in the store again, without opening audio, and write the reports.

    For a changed standard or lexicon. Where it asks what was never asked of a recording before,
    the clause is unjudged until `callqa score` has listened.
    """
    from pipeline.batch import ready
    from pipeline.batch import rescore as judge_again
    from pipeline.store import Store

    ready(out)
    with Store(_store_url(store, out)) as kept:
        night = judge_again(out, _standard(standard), kept, language=language, unmasked=unmasked)
    return _report(night, fail_under, as_json)


@callqa.command()
@click.argument("file")
@click.argument("clause", required=False)
@out_options
@click.option("--standard", type=click.Path(path_type=Path, file_okay=False), help="Its folder.")
@click.option("--language", type=click.Choice(["zh-Hant", "en"]), default="en", show_default=True)
@click.option("--unmasked", is_flag=True, help="Show personal data.")
@click.option("--json", "as_json", is_flag=True, help="Print the scorecard as JSON.")
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
    from pipeline.wording.masking import mask_judged

    rules = _standard(standard)
    with Store(_store_url(store, out)) as known:
        kept = known.find(file)
        if kept is None:
            raise _unknown_file(file, known.files())
    judged = Judged(kept.call, judge(kept.call, rules, kept.answers).scorecard)
    shown = judged if unmasked else mask_judged(judged)
    if as_json:
        verdicts = [v for v in shown.scorecard.verdicts if clause in (None, v.clause)]
        click.echo(json.dumps([to_plain(v) for v in verdicts], ensure_ascii=False, indent=1))
    else:
        click.echo(explained(shown, rules.outline, clause, language))
    return Exit.DONE


@callqa.group()
def models() -> None:
    """Whisper weights: list them, fetch them, show where they lie."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_models(as_json: bool) -> None:
    """List the models known by name, and whether they are on this machine."""
    from pipeline.models import available
    from pipeline.records import to_plain

    if as_json:
        click.echo(json.dumps([to_plain(row) for row in available()], indent=1))
        return
    for row in available():
        click.echo(f"{row.name:16} {'here' if row.here else 'not here':9} {row.source}")


@models.command()
@click.argument("name", default="base")
@click.option("--yes", is_flag=True, help="Do not ask.")
def fetch(name: str, yes: bool) -> None:
    """Download the model NAME (a size, or OWNER/NAME on the model hub) and check it."""
    from pipeline.models import fetch as fetched

    if not yes:
        click.confirm(f"Download the weights of {name} over the network?", abort=True, err=True)
    click.echo(str(fetched(name).path))


@models.command()
@click.argument("name", default="base")
def path(name: str) -> None:
    """Check the model NAME against its SHA-256 and print where it lies."""
    from pipeline.models import resolve

    click.echo(str(resolve(name).path))


@callqa.group("standard")
def standards() -> None:
    """Written standards: check one, show one."""


@standards.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def check(folder: Path | None, as_json: bool) -> None:
    """Check the standard in FOLDER: schema, clauses, lexicons. Names the line of what is wrong."""
    rules = _standard(folder)
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

    outline = _standard(folder).outline
    if as_json:
        click.echo(json.dumps(to_plain(outline), ensure_ascii=False, indent=1))
        return
    click.echo(f"{outline.title}  ({outline.id}, {outline.sha256[:12]})")
    for clause in outline.clauses:
        critical = "  critical" if clause.critical else ""
        click.echo(f"\n{clause.id}  {clause.title}  [{clause.dimension}]{critical}")
        click.echo(f"    {clause.demands}\n    judged by: {clause.how}")


def _store_url(store: str | None, out: Path) -> str:
    return store or f"sqlite:///{out / 'callqa.db'}"


def _standard(folder: Path | None) -> Any:
    from pipeline.judge.load import load_standard
    from pipeline.settings import default_standard

    return load_standard(folder or default_standard())


def _unknown_file(file: str, known: tuple[str, ...]) -> CallqaError:
    from rapidfuzz import process

    from pipeline.errors import UsageError

    near = [name for name, _, _ in process.extract(file, known, limit=3, score_cutoff=50)]
    return UsageError(
        file,
        "not a call in the store (or the end of several names)",
        "a file as named in scores.csv",
        f"Did you mean {', '.join(near)}?" if near else "Score it first, or give --out or --store.",
    )


def _report(night: Night, fail_under: float | None, as_json: bool) -> int:
    """What a run did, for a person or a program, and its exit code."""
    if as_json:
        click.echo(json.dumps(_summary(night), ensure_ascii=False, indent=1))
    else:
        from rich.console import Console

        from pipeline.show.console import night_table

        Console().print(night_table(night.judged, night.failures, limit=50))
        for failure in night.failures:
            click.echo(
                f"callqa: {failure.file}: {failure.got}; expected {failure.expected}. {failure.hint}",
                err=True,
            )
        unheard = f", {night.unanswered} questions need audio" if night.unanswered else ""
        click.echo(
            f"{len(night.judged)} calls scored ({night.heard} heard now, {night.known} known before"
            f"{unheard}), {len(night.failures)} could not be, {night.ignored} other files ignored."
        )
        click.echo(f"Report: {night.written.report}")
    scores = [one.scorecard.score for one in night.judged if one.scorecard.score is not None]
    if fail_under is not None and any(value < fail_under for value in scores):
        return Exit.BELOW_THRESHOLD
    return Exit.SOME_UNJUDGED if night.unjudgeable else Exit.DONE


def _summary(night: Night) -> dict[str, Any]:
    from pipeline.records import to_plain

    return {
        "scored": len(night.judged),
        "heard": night.heard,
        "known": night.known,
        "ignored": night.ignored,
        "unanswered": night.unanswered,
        "report": str(night.written.report),
        "calls": [
            {
                "file": one.scorecard.file,
                "score": one.scorecard.score,
                "flags": list(one.scorecard.flags),
                "failed": [v.clause for v in one.scorecard.verdicts if v.status == "fail"],
            }
            for one in night.judged
        ],
        "failures": [to_plain(failure) for failure in night.failures],
    }


if __name__ == "__main__":
    main()
