"""What the quarrel composite (4.1.8.2) and calm under anger (5.3) rule on dialogues they were not tuned on.

Thirty heated stretches (quarrel_dialogues.yaml) after one calm opening, as text, with the manner of
speaking and the overlaps their author gave them: the rule is tried, not the ear. The author of the
lexicons wrote them too, without looking, so that their wordings are likelier to be known than a stranger's.

    python -m tests.bench.quarrel
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click
import yaml
from rich.console import Console
from rich.table import Table

from pipeline.judge.cases import NOT_HEARD, settled
from pipeline.judge.checks import quarrel
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.judge import case_of
from pipeline.judge.load import Standard, load_standard
from pipeline.judge.references import conditions
from pipeline.judge.sound_rules import Quarrel
from pipeline.records import Answer
from pipeline.settings import default_standard
from pipeline.show.reasons import say

DIALOGUES = Path(__file__).with_name("quarrel_dialogues.yaml")

OPENING = [
    {"agent": "您好，翠湖花園物業管理處，請問有什麼可以幫到您？"},
    {"customer": "你好，我是三棟五樓的住戶，有一件事情要問你們。"},
    {"agent": "好的，請問您貴姓，住在三棟五樓哪一室？"},
    {"customer": "我姓陳，住在零二室，電話你們那邊都有的。"},
    {"agent": "好的，陳先生，三棟五樓零二室，我記下來了。"},
    {"customer": "對，就是這一戶，我住了七八年了。"},
    {"agent": "請您慢慢說，我先把您的情況登記一下。"},
]
STATUSES = ("fail", "unjudged", "pass", "not_applicable")


@click.command(help=__doc__)
@click.option("--each", is_flag=True, help="every dialogue with the quarrel check's reason")
def main(each: bool) -> None:
    standard, console = load_standard(default_standard()), Console(width=150)
    table = Table(title="dialogues by what was ruled: fail / unjudged / pass / not applicable")
    for column in ("", "dialogues", "quarrel check", "4.1.8.2", "5.3"):
        table.add_column(column, justify="right")
    for kind, written in yaml.safe_load(DIALOGUES.read_text(encoding="utf-8")).items():
        ruled = [_ruled(one, standard) for one in written]
        if each:
            for one, (statuses, why) in zip(written, ruled, strict=True):
                console.print(f"{kind}: {one['name']}: {', '.join(statuses)}: {why}")
        columns = zip(*(statuses for statuses, _ in ruled), strict=True)
        table.add_row(kind, str(len(written)), *(_shares(column) for column in columns))
    console.print(table)


def _ruled(written: dict[str, Any], standard: Standard) -> tuple[tuple[str, str, str], str]:
    """What the check alone and the two clauses say of one dialogue; a closer listen hears the words."""
    call = call_of(dialogue([*OPENING, *written["turns"]], name=written["name"]))
    asked = quarrel.check(case_of(call, standard), _rule(standard)).questions
    answered = case_of(call, standard, [Answer(question, NOT_HEARD) for question in asked])
    finding = quarrel.check(answered, _rule(standard))
    card = settled(call, standard)
    statuses = (finding.status, card.verdict("4.1.8.2").status, card.verdict("5.3").status)
    return statuses, say(finding.reason, "en")


def _rule(standard: Standard) -> Quarrel:
    clause = next(clause for clause in standard.model.clauses if clause.id == "4.1.8.2")
    return next(one.quarrel for one in conditions(clause) if one.quarrel is not None)


def _shares(statuses: tuple[str, ...]) -> str:
    counts = Counter(statuses)
    return " / ".join(str(counts[status]) for status in STATUSES)


if __name__ == "__main__":
    main()
