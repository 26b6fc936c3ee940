"""Embeddings are grouped into as many voices as are clearly apart, and no more."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.listen.clustering import MOST, cluster

DIMENSIONS = 32


def voices(*counts: int, spread: float = 0.5, seed: int = 0) -> NDArray[np.float64]:
    """Stretches of that many voices, one voice after the other; each of length 1."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((len(counts), DIMENSIONS))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    found = np.concatenate(
        [
            centre + spread / DIMENSIONS**0.5 * rng.standard_normal((count, DIMENSIONS))
            for centre, count in zip(centres, counts, strict=True)
        ]
    )
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def groups(labels: tuple[int, ...], counts: tuple[int, ...]) -> list[set[int]]:
    """The labels each voice's stretches were given."""
    ends = np.cumsum(counts)
    return [set(labels[end - count : end]) for end, count in zip(ends, counts, strict=True)]


@pytest.mark.parametrize("counts", [(6, 6), (9, 3), (5, 5, 5), (2, 2)])
def test_voices_that_are_apart_are_told_apart(counts: tuple[int, ...]) -> None:
    found = cluster(voices(*counts), [2.0] * sum(counts))
    own = groups(found.labels, counts)
    assert [len(labels) for labels in own] == [1] * len(counts)
    assert len(set.union(*own)) == len(found.centres) == len(counts)


@pytest.mark.parametrize("seed", range(5))
def test_one_voice_is_one(seed: int) -> None:
    found = cluster(voices(14, seed=seed), [2.0] * 14)
    assert (set(found.labels), len(found.centres), found.silhouette) == ({0}, 1, 0.0)


def test_a_cough_is_no_voice() -> None:
    assert len(cluster(voices(10, 1), [2.0] * 10 + [0.8]).centres) == 1


def test_a_farewell_that_sounds_otherwise_is_no_third_voice() -> None:
    embeddings = voices(6, 6, 1)
    found = cluster(embeddings, [2.0] * 12 + [2.0])
    assert len(found.centres) == 2
    assert len(cluster(voices(6, 6, 2), [2.0] * 14).centres) == 3


def test_a_single_stretch_is_one_voice() -> None:
    assert cluster(voices(1), [3.0]).labels == (0,)


def test_more_stretches_than_are_clustered_go_to_their_voices() -> None:
    counts = (MOST, MOST // 4)
    found = cluster(voices(*counts), [1.0] * sum(counts))
    assert [len(labels) for labels in groups(found.labels, counts)] == [1, 1]
