"""Speaker embeddings -> whose they are: agglomerative clustering that finds the number of voices.

How alike two stretches of one voice are depends on the line, their length and the voice, so no fixed
similarity parts voices. What does is the silhouette: how much nearer a stretch lies to its own voice
than to the next (Rousseeuw 1987).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

MOST = 400
"""Stretches that are clustered, the longest; the others go to the nearest voice. It bounds time and
memory for a recording of hours."""

MOST_VOICES = 4
"""Agent, customer, and whom either calls to the telephone."""

ENOUGH_S = 1.5
"""Speech that either of two voices must consist of: less is a cough, a laugh, or crosstalk."""

MORE_S = 3.0
"""Speech of which a third voice must: a farewell said otherwise than the rest is no other person."""

MOST_GROUPS = 40
"""How many groups, small ones among them, the last steps of clustering are looked at from."""

APART = 0.4
"""Silhouette from which there are two voices. Forced into two, a single one of three real speakers (CASIA,
zh_tw; 16 sentences at 8 kHz) reaches 0.12-0.26, and 0.28-0.37 where half of them are angry; pairs of
these speakers 0.52-0.70, pairs of synthetic voices, of the same sex too, 0.46 and more."""

ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Clusters:
    """Voices found: ``labels`` says whose each stretch is, from 0; ``centres`` has a row for each.

    ``silhouette`` is 0 where there is one.
    """

    labels: tuple[int, ...]
    centres: Matrix
    silhouette: float


def cluster(embeddings: Matrix, seconds: Sequence[float]) -> Clusters:
    """The voices that stretches of speech belong to: one, unless there are clearly more.

    Args:
        embeddings: shape (stretches, dimensions), each of length 1; at least one
        seconds: how long each stretch is
    """
    weights = np.asarray(seconds, np.float64)
    chosen = np.argsort(-weights, kind="stable")[:MOST]
    found = list(_partitions(embeddings[chosen], weights[chosen]))
    best = max(found, key=lambda one: one.silhouette, default=None)
    if best is None or best.silhouette < APART:
        centre = _centre(embeddings[chosen], weights[chosen])
        return Clusters((0,) * len(embeddings), centre[None], 0.0)
    return Clusters(nearest(embeddings, best.centres), best.centres, best.silhouette)


def nearest(embeddings: Matrix, centres: Matrix) -> tuple[int, ...]:
    """The voice each stretch is most like."""
    return tuple(int(voice) for voice in np.argmax(embeddings @ centres.T, 1))


def _partitions(embeddings: Matrix, weights: Matrix) -> Iterator[Clusters]:
    """Groupings into two voices and more, each with enough speech."""
    for groups in _linkage(embeddings, weights):
        by_size = sorted(groups, key=lambda group: -weights[group].sum())
        big = [
            group
            for rank, group in enumerate(by_size)
            if weights[group].sum() >= (ENOUGH_S if rank < 2 else MORE_S)
        ]
        if 2 <= len(big) <= MOST_VOICES:
            centres = np.stack([_centre(embeddings[g], weights[g]) for g in big])
            yield _settled(embeddings, weights, centres)


def _linkage(embeddings: Matrix, weights: Matrix) -> list[list[list[int]]]:
    """Average linkage of cosine similarity: the groups at each of its last steps, fewest first."""
    groups = [[index] for index in range(len(embeddings))]
    sizes = weights.copy()
    links = embeddings @ embeddings.T * np.outer(weights, weights)
    alive = np.ones(len(groups), bool)
    steps: list[list[list[int]]] = []
    for left in range(len(groups), 1, -1):
        if left <= MOST_GROUPS:
            steps.append([groups[index] for index in np.flatnonzero(alive)])
        likeness = links / np.outer(sizes, sizes)
        likeness[~alive] = -np.inf
        likeness[:, ~alive] = -np.inf
        np.fill_diagonal(likeness, -np.inf)
        one, other = divmod(int(np.argmax(likeness)), len(groups))
        groups[one] = groups[one] + groups[other]
        sizes[one] += sizes[other]
        links[one] += links[other]
        links[:, one] += links[:, other]
        alive[other] = False
    return steps[::-1]


def _centre(embeddings: Matrix, weights: Matrix) -> Matrix:
    mean = weights @ embeddings
    return np.asarray(mean / (np.linalg.norm(mean) or 1.0))


def _settled(embeddings: Matrix, weights: Matrix, centres: Matrix) -> Clusters:
    """Every stretch with its nearest centre, and the centres amid their stretches (k-means)."""
    labels = np.asarray(nearest(embeddings, centres))
    for _ in range(ROUNDS):
        groups = [labels == voice for voice in range(len(centres))]
        centres = np.stack(
            [
                _centre(embeddings[group], weights[group]) if group.any() else centre
                for group, centre in zip(groups, centres, strict=True)
            ]
        )
        again = np.asarray(nearest(embeddings, centres))
        if (again == labels).all():
            break
        labels = again
    score = _silhouette(embeddings @ embeddings.T, weights, labels, len(centres))
    return Clusters(tuple(int(voice) for voice in labels), centres, score)


def _silhouette(likeness: Matrix, weights: Matrix, labels: NDArray[np.int64], voices: int) -> float:
    """Mean over the stretches, by length; one that is a voice by itself counts 0.

    -1 where the stretches of some voice are nearer another's: a cough and what it drew to itself.
    """
    own = np.eye(voices)[labels]
    others = weights[:, None] * own
    size = others.sum(0) - others
    distance = 1 - (likeness @ others - others) / np.where(size > 0, size, 1.0)
    distance[size <= 0] = np.inf
    inside = np.where(own > 0, distance, 0.0).sum(1)
    outside = np.where(own > 0, np.inf, distance).min(1)
    known = np.isfinite(inside) & np.isfinite(outside)
    scores = np.zeros(len(labels))
    inside, outside = inside[known], outside[known]
    scores[known] = (outside - inside) / np.maximum(inside, outside).clip(1e-9)
    each = [
        float(np.average(scores[labels == voice], weights=weights[labels == voice]))
        for voice in range(voices)
        if (labels == voice).any()
    ]
    return float(np.average(scores, weights=weights)) if min(each) >= 0 else -1.0
