from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.examples import Data
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.tasks.maps.clusters import by_size, cluster, k_means

RNG = np.random.default_rng(0)
BLOBS = np.concatenate([RNG.normal(5 * i, 0.3, (60 - 15 * i, 2)) for i in range(3)])


def test_as_many_clusters_are_found_as_there_are() -> None:
    labels = by_size(k_means(BLOBS, None))
    assert labels.tolist() == [0] * 60 + [1] * 45 + [2] * 30


def test_so_many_clusters_are_made_as_are_asked_for() -> None:
    assert len(set(k_means(BLOBS, 5))) == 5


@pytest.fixture(scope="module")
def mixture() -> tuple[Run, Data]:
    rows = np.repeat(np.eye(4, 12), 30, axis=0) + RNG.normal(0, 0.05, (120, 12))
    data = as_data(rows.astype(np.float32), "table")
    overrides = {"bottleneck": {"name": "mixture", "components": 3}, "training": {"epochs": 2}}
    return fit(data, latent_dim=2, overrides=overrides), data


def test_a_mixture_has_its_own_clusters(mixture: tuple[Run, Data]) -> None:
    run, data = mixture
    labels = cluster(run, data.source, run.encode(data.source), None)
    assert labels.shape == (120,)
    assert set(labels) <= {0, 1, 2}
    assert len(set(cluster(run, data.source, run.encode(data.source), 4))) == 4


def test_impossible_numbers_are_refused(mixture: tuple[Run, Data]) -> None:
    run, data = mixture
    with pytest.raises(InputError, match="1 clusters were asked for; wanted are 2 or more"):
        cluster(run, data.source, run.encode(data.source), 1)
