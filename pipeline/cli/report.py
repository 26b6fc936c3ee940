"""What a run says when it is over, to a person or a program, and its exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from pipeline.errors import Exit

if TYPE_CHECKING:
    from pipeline.batch import Night
    from pipeline.rejudge import Rejudged


def report(night: Night | Rejudged, fail_under: float | None, as_json: bool) -> int:
    """What a run did, for a person or a program, and its exit code."""
    if as_json:
        click.echo(json.dumps(summary(night), ensure_ascii=False, indent=1))
    else:
        from rich.console import Console

        from pipeline.show.console import night_table
        from pipeline.show.figures import printable

        Console().print(night_table(night.calls, night.failures, limit=50))
        for failure in night.failures:
            said = f"{failure.file}: {failure.got}; expected {failure.expected}. {failure.hint}"
            click.echo(f"callqa: {printable(said)}", err=True)
        silent = [one.file for one in night.calls if one.score is None]
        for file in silent:
            said = f"{file}: nothing in it could be judged; expected a conversation. Listen to it."
            click.echo(f"callqa: {printable(said)}", err=True)
        if night.gone:
            said = (
                f"the folder holds no recording; expected some, since {night.gone} were met in it before. "
                "Check that its disk or share is mounted, unless they were moved away."
            )
            click.echo(f"callqa: {said}", err=True)
        without = f", {len(silent)} of them without a score" if silent else ""
        unheard = f", {night.unanswered} questions need audio" if night.unanswered else ""
        purged = f", {night.purged} left out whose words were purged" if night.purged else ""
        click.echo(
            f"{len(night.calls)} calls scored ({night.heard} heard now, {night.known} known before"
            f"{unheard}{without}), {len(night.failures)} could not be{purged}, {night.ignored} other files "
            "ignored."
        )
        click.echo(f"Report: {night.written.report}")
    return exit_code_of(night, fail_under)


def exit_code_of(night: Night | Rejudged, fail_under: float | None) -> int:
    """What a run that is done exits with."""
    scores = [one.score for one in night.calls if one.score is not None]
    if fail_under is not None and any(value < fail_under for value in scores):
        return Exit.BELOW_THRESHOLD
    return Exit.SOME_UNJUDGED if night.unjudgeable else Exit.DONE


def summary(night: Night | Rejudged) -> dict[str, Any]:
    from pipeline.records import to_plain

    return {
        "scored": len(night.calls),
        "heard": night.heard,
        "known": night.known,
        "ignored": night.ignored,
        "gone": night.gone,
        "unanswered": night.unanswered,
        "purged": night.purged,
        "report": str(night.written.report),
        "calls": [
            {
                "file": one.file,
                "score": one.score,
                "flags": list(one.flags),
                "failed": list(one.failed),
            }
            for one in night.calls
        ],
        "failures": [to_plain(failure) for failure in night.failures],
    }
