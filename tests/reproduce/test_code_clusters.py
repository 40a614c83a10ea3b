from __future__ import annotations

import numpy as np

from narrows.reproduce.code_clusters import (
    Clustering,
    checks,
    clustering,
    directions_in_use,
    unused_sentence,
)


def test_separate_groups_are_clusters(rng: np.random.Generator) -> None:
    y = np.arange(200) % 2
    tight = rng.standard_normal((200, 2)) + 100 * y[:, None]
    groups = clustering(tight, y, tight, y)
    assert groups.neighbours == 1
    assert groups.silhouette > 0.95
    none = rng.standard_normal((200, 2))
    assert clustering(none[:100], y[:100], none[100:], y[100:]).neighbours < 0.7


def test_directions_in_use_are_the_rank_of_the_codes(rng: np.random.Generator) -> None:
    codes = rng.standard_normal((100, 2)) @ rng.standard_normal((2, 3)) + 5
    assert directions_in_use(codes.astype(np.float32)) == 2
    assert directions_in_use(rng.standard_normal((100, 3))) == 3


def test_unused_directions_are_named_only_if_there_are_any() -> None:
    assert unused_sentence([3, 3]) == ""
    assert "vary in 3, 2 of 3 directions" in unused_sentence([3, 2])


def test_codes_are_judged_by_seeds_against_components_and_by_the_sign_of_the_silhouette() -> None:
    pca = Clustering(0.5, -0.1)
    better = [Clustering(0.8, 0.02), Clustering(0.81, 0.03), Clustering(0.82, 0.025)]
    assert [check.outcome for check in checks(better, pca)] == [True, True, True]
    mixed = [Clustering(0.8, -0.02), Clustering(0.81, -0.03), Clustering(0.4, -0.025)]
    assert [check.outcome for check in checks(mixed, pca)] == [None, True, False]
