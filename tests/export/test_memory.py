"""However many calls are exported, they need the memory of a few."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path

import pytest

from pipeline.export import Format, Order, export
from pipeline.store import Store
from pipeline.store.extract import Wanted
from tests.export.made import keep
from tests.show.build import OUTLINE, TALK, judged

FEW, MANY = 30, 210


def peak_bytes(folder: Path, calls: int, form: Format) -> int:
    talk = TALK * 8
    with Store(f"sqlite:///{folder / f'{calls}.db'}") as store:
        if not store.recordings():
            # names that add up to as many different ids
            keep(store, [judged("a" * at + ".wav", talk=talk) for at in range(1, calls + 1)])
        gc.collect()
        tracemalloc.start()
        export(store, Order(Wanted(OUTLINE.id)), folder / f"{calls}.{form}", form)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return peak


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "xlsx"])
def test_seven_times_the_calls_do_not_need_the_memory(
    tmp_path: Path, form: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.store.extract.BLOCK", 10)
    monkeypatch.setattr("pipeline.export.writers.TOGETHER", 100)
    peak_bytes(tmp_path, FEW, form)  # what is imported and cached is there once
    few, many = (peak_bytes(tmp_path, calls, form) for calls in (FEW, MANY))
    assert many < 2 * few
