"""Limits that are set for a night come from the environment, and travel with the settings."""

from __future__ import annotations

import pytest

from pipeline.errors import UsageError
from pipeline.settings import Settings


def test_limits_are_6_hours_and_15_minutes_unless_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALLQA_LONGEST_HOURS", raising=False)
    monkeypatch.delenv("CALLQA_DECODE_SECONDS", raising=False)
    assert (Settings().longest_h, Settings().decode_s) == (6.0, 900)
    monkeypatch.setenv("CALLQA_LONGEST_HOURS", "1.5")
    monkeypatch.setenv("CALLQA_DECODE_SECONDS", "60")
    assert (Settings().longest_h, Settings().decode_s) == (1.5, 60)


@pytest.mark.parametrize("said", ["six", "-1", "0", "nan", "inf"])
def test_a_limit_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("CALLQA_LONGEST_HOURS", said)
    with pytest.raises(UsageError) as error:
        Settings()
    assert error.value == UsageError(
        "CALLQA_LONGEST_HOURS", repr(said), "a number of hours above 0", "Correct or unset it."
    )
