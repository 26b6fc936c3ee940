"""``--executor``: who does the work of a night."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.work import Executor


@dataclass(frozen=True)
class Where:
    """The options that say where work runs, as given."""

    executor: str
    address: str | None
    workers: int | None
    gpus_per_worker: float


def executor_of(
    where: Where, settings: Settings, standard: Path
) -> AbstractContextManager[Executor | None]:
    """The executor that is asked for, to be left when the night is over; ``None``: this machine.

    Raises:
        UsageError: Ray is not installed, no cluster is there, or options do not go together.
        WeightsError: there are none to send to the cluster.
    """
    from pipeline.errors import UsageError

    if where.executor == "local":
        for option, given in (
            ("--address", where.address),
            ("--workers", where.workers),
            ("--gpus-per-worker", where.gpus_per_worker),
        ):
            if given:
                raise UsageError(
                    option,
                    "given without --executor ray",
                    "--threads, on one machine",
                    "Add --executor ray, or leave it out.",
                )
        return nullcontext()
    try:
        from pipeline.cluster import Order, connected
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise
        raise UsageError(
            "--executor ray",
            "Ray is not installed",
            "callqa with its extra `cluster`, here and on every machine of the cluster",
            "Install it with `pip install 'callqa[cluster]'`, or leave out --executor ray.",
        ) from error
    return connected(
        Order.of(settings, standard), where.address, where.workers, where.gpus_per_worker
    )
