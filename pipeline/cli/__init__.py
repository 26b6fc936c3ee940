"""The command line: options -> one library call -> what it says.

Everything heavy is imported inside the command that needs it, so that ``--help`` answers at once.
"""

from __future__ import annotations

import sys

import click

from pipeline import __version__
from pipeline.cli.doctor import doctor
from pipeline.cli.explain import explain
from pipeline.cli.export import export
from pipeline.cli.failures import failures
from pipeline.cli.models import models
from pipeline.cli.output import lenient_output
from pipeline.cli.purge import purge
from pipeline.cli.score import rescore, score
from pipeline.cli.standards import standards
from pipeline.errors import CallqaError, Exit


def main() -> None:
    """Run the command line and exit with what happened, whether or not it could be told."""
    with lenient_output():
        code = _run()
    sys.exit(int(code))


def _run() -> int:
    """What happened, as an exit code (the contract of errors.Exit)."""
    try:
        code = callqa.main(standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("Interrupted. What was already heard is kept; run again to go on.", err=True)
        code = Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = Exit.USAGE
    except CallqaError as error:
        from pipeline.show.figures import printable

        click.echo(f"callqa: {printable(str(error))}", err=True)
        code = error.exit_code
    except SystemExit:
        code = Exit.DONE  # click's answer to a closed pipe: whoever read our output has seen enough
    except Exception:  # noqa: BLE001
        # The one place for it (tests/test_architecture.py holds that): what can go wrong is named above.
        # What is left is a bug, which has no name beforehand, and which would else end in Python's exit
        # code 1, "a call fell below --fail-under".
        import traceback

        traceback.print_exc()
        click.echo("callqa: this is a bug of ours; please report the lines above.", err=True)
        code = Exit.BUG
    return code or Exit.DONE


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
    Which recordings could not be judged, and why?
      callqa failures

    Nothing leaves this machine, and nothing is downloaded unless `callqa models fetch` is asked to.
    """


for command in (score, rescore, explain, export, failures, purge, models, standards, doctor):
    callqa.add_command(command)
