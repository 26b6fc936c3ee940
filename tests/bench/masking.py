"""How much personal data masking hides, and what else it hides, on a labelled set of utterances.

The set is two files by an author who had not seen the rules: ``tune`` was at hand while they were written,
``report`` was opened once they stood (tests/wording/masking_set.py tells how characters are counted).

    python -m tests.bench.masking
"""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from pipeline.wording.masking import MASK, mask
from tests.wording.masking_set import (
    NUMBERS,
    REPORT,
    TUNE,
    Hidden,
    Line,
    measured,
    read_lines,
)


@click.command(help=__doc__)
@click.option(
    "--lines", is_flag=True, help="Print every line that is masked otherwise than marked."
)
def main(lines: bool) -> None:
    console = Console()
    for path in (TUNE, REPORT):
        said = read_lines(path)
        shown = [mask(line.text) for line in said]
        found = measured(said, shown, MASK)
        table = Table(title=f"{path.stem}: {len(said)} lines, {found.lines_without} without a mark")
        for column in ("kind", "characters", "hidden", "values", "wholly hidden"):
            table.add_column(column)
        for kind, of in (*found.of.items(), ("numbers", found.together(NUMBERS))):
            table.add_row(kind, *_row(of))
        console.print(table)
        console.print(
            f"precision {found.precision:.3f}; {found.lines_overmasked} lines with too much hidden"
        )
        if lines:
            for line, text in zip(said, shown, strict=True):
                if _differs(line, text):
                    console.print(line.text, text, sep="\n  ", highlight=False)


def _row(of: Hidden) -> tuple[str, str, str, str]:
    return (
        str(of.characters),
        f"{of.characters_hidden} ({of.recall:.3f})",
        str(of.values),
        f"{of.values_hidden} ({of.whole:.3f})",
    )


def _differs(line: Line, shown: str) -> bool:
    gone = {at for at, char in enumerate(shown) if char == MASK}
    marked = {at for one in line.marks for at in range(one.start, one.end)}
    wanted = {at for one in line.marks for at in one.identifying}
    return bool(wanted - gone or gone - marked)


if __name__ == "__main__":
    main()
