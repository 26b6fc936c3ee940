"""``--plan``: what a night would take, for a person or a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.plan import Plan


def plan_summary(plan: Plan, workers: int | None) -> dict[str, Any]:
    return {
        "to_hear": len(plan.durations_ms),
        "sound_s": plan.sound_ms / 1000,
        "known": plan.known,
        "unreadable": list(plan.unreadable),
        "of_unknown_duration": list(plan.silent),
        "speed": round(plan.speed, 2),
        "speed_measured": plan.measured,
        "longest": plan.longest,
        "takes_s": {
            str(number): round(plan.takes_s(number), 1)
            for number in plan.numbers_of_workers(workers or 1)
        },
    }


def show_plan(plan: Plan, workers: int | None, console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    from pipeline.show.figures import printable

    said = [f"{len(plan.durations_ms)} recordings to hear, {clock(plan.sound_ms / 1000)} of sound"]
    if plan.known:
        said.append(f"{plan.known} known before")
    if plan.unreadable:
        said.append(f"{len(plan.unreadable)} unreadable")
    if plan.silent:
        said.append(f"{len(plan.silent)} that do not say how long they are, not reckoned with")
    console.print("; ".join(said) + ".")
    source = "measured by the last run into this store" if plan.measured else "not measured here"
    console.print(f"A worker hears {plan.speed:.1f} times real time ({source}).")
    table = Table()
    table.add_column("workers", justify="right")
    table.add_column("takes", justify="right")
    for number in plan.numbers_of_workers(workers or 1):
        table.add_row(str(number), clock(plan.takes_s(number)))
    console.print(table)
    if plan.longest is not None:
        alone_s = plan.durations_ms[plan.longest] / plan.speed / 1000
        said_last = f"No number of workers takes less than {plan.longest}: {clock(alone_s)}."
        console.print(Text(printable(said_last)))


def clock(seconds: float) -> str:
    """Hours, minutes and seconds.

    >>> clock(3_725), clock(59.6)
    ('1:02:05', '0:01:00')
    """
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
