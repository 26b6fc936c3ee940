"""Stages are timed where they are watched, each less the stages inside it."""

from __future__ import annotations

from time import sleep

import pytest

from pipeline.stopwatch import stage, watching


def test_a_stage_counts_without_the_stages_inside_it() -> None:
    with watching() as watch:
        with stage("outer"):
            sleep(0.02)
            with stage("inner"):
                sleep(0.1)
        with stage("inner"):
            sleep(0.05)
    assert watch.seconds == {
        "outer": pytest.approx(0.02, abs=0.02),
        "inner": pytest.approx(0.15, abs=0.03),
    }


def test_a_stage_that_fails_has_taken_its_time_all_the_same() -> None:
    with watching() as watch, pytest.raises(ValueError, match="broken"), stage("broken"):
        sleep(0.02)
        raise ValueError("broken")
    assert watch.seconds["broken"] >= 0.02


def test_nothing_is_timed_that_nobody_watches() -> None:
    with watching() as watch:
        pass
    with stage("alone"):
        pass
    assert watch.seconds == {}
