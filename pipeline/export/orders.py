"""The store's scored calls -> tables or a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from pipeline.errors import UsageError
from pipeline.export.columns import AGENTS, CALLS, UTTERANCES, VERDICTS
from pipeline.export.rows import as_it_may_be_shown, call_row, made_by, utterance_rows, verdict_rows
from pipeline.export.summary import About
from pipeline.export.totals import Totals
from pipeline.export.writers import CsvFolder, JsonLines, Parquet, Writer
from pipeline.judge.source import did_you_mean
from pipeline.show.language import Language
from pipeline.show.verdicts import failed_clauses
from pipeline.store import Store
from pipeline.store.extract import Entry, Wanted, agents_in_store, entries

Format = Literal["csv", "parquet", "jsonl", "xlsx"]
FORMATS: tuple[Format, ...] = get_args(Format)


@dataclass(frozen=True, slots=True)
class Order:
    """What to export: which calls, of those only such as failed one of ``failed``, and how shown.

    ``titles`` are of the standard's clauses, by their numbers, as far as they are known.
    """

    wanted: Wanted
    failed: tuple[str, ...] = ()
    unmasked: bool = False
    language: Language = "zh-Hant"
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. ``purged`` of the calls have no words any more."""

    calls: int
    purged: int
    files: tuple[Path, ...]


def export(store: Store, order: Order, target: Path, form: Format) -> Exported:
    """Write the calls that are wanted: a workbook at ``target``, or a folder of tables there.

    Raises:
        UsageError: no call was ruled on a clause, or is known of an agent, that was asked for
        StoreError, OutputError: the store cannot be read, a file cannot be written
    """
    totals, calls = Totals(), chosen(store, order)
    with _writer(target, form, order) as writer:
        for entry in calls:
            shown = as_it_may_be_shown(entry, unmasked=order.unmasked)
            totals.add(shown, made_by(shown))
            for table in writer.tables:
                if table is CALLS:
                    writer.add(table, [call_row(shown)])
                elif table is VERDICTS:
                    writer.add(table, verdict_rows(shown, order.titles, order.language))
                elif table is UTTERANCES:
                    writer.add(table, utterance_rows(shown))
        writer.add(AGENTS, totals.agent_rows())
        writer.finish(totals)
    return Exported(totals.all.calls, totals.all.purged, writer.written)


def chosen(store: Store, order: Order) -> Iterator[Entry]:
    """The calls of an order, not masked yet, in the order of their files.

    Raises:
        UsageError: no call is known of an agent that was asked for, or none was ruled on a clause
    """
    # now, before anything is written, and not when the first call is taken
    _check_agents(store, order)
    return _chosen(store, order)


def _chosen(store: Store, order: Order) -> Iterator[Entry]:
    ruled: set[str] = set()
    for entry in entries(store.database, order.wanted):
        ruled.update(verdict.clause for verdict in entry.card.verdicts)
        if not order.failed or not set(order.failed).isdisjoint(failed_clauses(entry.card)):
            yield entry
    for clause in order.failed:
        if ruled and clause not in ruled:
            raise UsageError(
                clause,
                "a clause no call was ruled on",
                "a clause of the standard",
                did_you_mean(clause, sorted(ruled)) or "See `callqa standard show`.",
            )


def _check_agents(store: Store, order: Order) -> None:
    """A mistyped name must not look like an agent without a fault."""
    if not order.wanted.agents:
        return
    known = agents_in_store(store.database)
    for agent in order.wanted.agents:
        if agent not in known:
            raise UsageError(
                agent,
                "an agent of whom no call is known",
                "an agent_id of calls.csv" if known else "none: no call has an agent_id",
                did_you_mean(agent, list(known))
                or "Leave it out: the table of agents tells who there is.",
            )


def told(order: Order) -> str:
    """The filters of an order, as its options say them.

    >>> told(Order(Wanted("reception", agents=("A07",), below=80.0)))
    '--agent A07 --below 80'
    """
    wanted = order.wanted
    said = [
        *([f"--since {wanted.since}"] if wanted.since else []),
        *([f"--until {wanted.until}"] if wanted.until else []),
        *(f"--agent {agent}" for agent in wanted.agents),
        *([f"--below {wanted.below:g}"] if wanted.below is not None else []),
        *(f"--failed {clause}" for clause in order.failed),
    ]
    return " ".join(said)


def _writer(target: Path, form: Format, order: Order) -> Writer:
    if form == "csv":
        return CsvFolder(target)
    if form == "jsonl":
        return JsonLines(target)
    if form == "parquet":
        return Parquet(target)
    from pipeline.export.workbook import Workbook  # not needed for the others

    return Workbook(target, order.language, About(order.titles, told(order), not order.unmasked))
