"""How well the examples teach: each author's are scored by what was learned from others'.

Printed for every likeness of the standard: of examples that are of its kind, and of those that are not, how
many reach each of its bounds. The authors are the parts of a file between lines that begin with ``# ==``.

    python -m tests.bench.likeness [--standard FOLDER]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from pipeline.judge.source import read_source
from pipeline.judge.standard import LikenessRule, StandardModel
from pipeline.settings import default_standard
from pipeline.wording.examples import Example, read_examples
from pipeline.wording.learning import learn
from pipeline.wording.likeness import Likenesses, with_sounds
from pipeline.wording.normalise import normalise

AUTHOR = "# =="

PARTS = 6
"""The authors are dealt into so many parts, and each part is scored by what the others teach."""


@dataclass(frozen=True)
class Scored:
    """An answer or a call, by whom it is, and what it scores by the others' examples."""

    author: str
    wanted: bool
    score: float


@click.command(help=__doc__)
@click.option("--standard", type=click.Path(path_type=Path), default=default_standard())
def main(standard: Path) -> None:
    source = read_source(standard / "standard.yaml", "a standard", "Check the path.")
    for rule in source.validated(StandardModel).likenesses:
        scored = list(_scored(rule, _by_author(standard / f"{rule.examples}.tsv")))
        Console().print(_table(rule, scored))


def _by_author(file: Path) -> dict[str, list[Example]]:
    """The examples of a file under what stands above them."""
    authors: dict[str, str] = {}
    author = "?"
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith(AUTHOR):
            author = line.removeprefix(AUTHOR).strip()
        elif line and not line.startswith("#"):
            authors[line.split("\t")[2].strip()] = author
    found: dict[str, list[Example]] = {}
    for one in read_examples(file):
        found.setdefault(authors[one.answer], []).append(one)
    return found


def _scored(rule: LikenessRule, by_author: dict[str, list[Example]]) -> Iterator[Scored]:
    whole = rule.of == "call"
    for part in range(PARTS):
        own = [author for at, author in enumerate(by_author) if at % PARTS == part]
        others = [one for name, of in by_author.items() if name not in own for one in of]
        counted = [one for one in others if _counts(rule, one)]
        likeness = Likenesses({rule.id: learn(counted, rule.like, whole=whole)})
        for author in own:
            for one in by_author[author]:
                if _counts(rule, one):
                    text = one.whole if whole else one.answer
                    score = likeness.scores(with_sounds(normalise(text).text))[rule.id]
                    yield Scored(author, not set(rule.like).isdisjoint(one.kinds), score)


def _counts(rule: LikenessRule, one: Example) -> bool:
    return not rule.than or not {*rule.like, *rule.than}.isdisjoint(one.kinds)


def _table(rule: LikenessRule, scored: Sequence[Scored]) -> Table:
    table = Table(title=f"{rule.id}: {' or '.join(rule.like)}", title_justify="left")
    bounds = {"sure": rule.sure, "doubt": rule.doubt, "clear": rule.clear}
    known = {name: bound for name, bound in bounds.items() if bound is not None}
    table.add_column("author")
    for column in ("of it", "not"):
        table.add_column(column, justify="right")
    for name, bound in known.items():
        sign = "≤" if name == "clear" else "≥"
        for column in (f"{name} {sign} {bound:g}, of it", "not"):
            table.add_column(column, justify="right")
    table.add_column("of the sure, right", justify="right")
    for author in dict.fromkeys(one.author for one in scored):
        _row(table, author, known, [one for one in scored if one.author == author])
    table.add_section()
    _row(table, "all", known, scored)
    return table


def _row(table: Table, author: str, bounds: dict[str, float], scored: Iterable[Scored]) -> None:
    rows = list(scored)
    sizes = Counter(one.wanted for one in rows)
    cells = [str(sizes[True]), str(sizes[False])]
    for name, bound in bounds.items():
        over = [one.score <= bound if name == "clear" else one.score >= bound for one in rows]
        for wanted in (True, False):
            reached = sum(o for o, one in zip(over, rows, strict=True) if one.wanted == wanted)
            cells.append(f"{reached / sizes[wanted]:.1%}" if sizes[wanted] else "")
    sure = [one.wanted for one in rows if one.score >= bounds["sure"]]
    cells.append(f"{sum(sure) / len(sure):.1%}" if sure and any(sure) else "")
    table.add_row(author, *cells)


if __name__ == "__main__":
    main()
