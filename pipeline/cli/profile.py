"""``--profile``: where the time of a run went, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from pipeline.batch import Spent


def profile_table(spent: Spent) -> Table:
    """Seconds by stage over all workers, the dearest first, with share and times real time."""
    from rich.table import Table

    total_s = sum(spent.seconds.values())
    sound_s = spent.heard_ms / 1000
    table = Table(
        title=(
            f"{sound_s:.0f} s of sound heard in {spent.clock_s:.1f} s; "
            f"{spent.processor_s:.1f} s of processor time in this process"
        ),
        caption="seconds by the clock, added up over workers",
    )
    table.add_column("stage")
    for column in ("seconds", "share", "times real time"):
        table.add_column(column, justify="right")
    for name, seconds in (*spent.seconds.most_common(), ("all", total_s)):
        pace = f"{sound_s / seconds:.1f}" if sound_s and seconds else ""
        share = f"{100 * seconds / total_s:.1f} %" if total_s else ""
        table.add_row(name, f"{seconds:.2f}", share, pace)
    return table
