from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from narrows.data.readers import as_data
from narrows.tasks.few_labels.labelled_split import LabelledSplit
from narrows.tasks.few_labels.linear_probes import Probes


def test_what_tells_classes_apart_is_better_than_noise_on_the_same_labels() -> None:
    rng = np.random.default_rng(0)
    y = np.arange(300) % 3
    x = np.eye(3)[y] + 0.1 * rng.standard_normal((300, 3))
    parts = LabelledSplit(as_data(x, labels=y), 0)
    noise = [rng.standard_normal((len(each), 3)) for each in (parts.values, parts.test_values)]
    probes = Probes(parts, {"told": [parts.values, parts.test_values], "noise": noise})
    told: list[dict[str, Any]] = []
    rows = probes.rows([2, 5], 3, 0, told.append)
    assert [(row["labels"], row["total"], row["draws"]) for row in rows] == [(2, 6, 3), (5, 15, 3)]
    assert probes.methods == ["told", "noise"]
    for row in rows:
        assert row["told"] > 0.99
        assert 0.2 < row["noise"] < 0.5
        mine = [each["noise"] for each in told if each["labels"] == row["labels"]]
        assert row["noise"] == pytest.approx(np.mean(mine))
        assert row["noise_ci95"][0] <= row["noise"] <= row["noise_ci95"][1]
