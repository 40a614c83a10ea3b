from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.objects import graphs_of
from narrows.tasks.few_labels.labelled_split import LabelledSplit, nodes_apart
from tests.samples import communities


def test_nodes_to_learn_from_and_to_judge_on_are_apart() -> None:
    data = graphs_of(communities(80))
    train, test = nodes_apart(data, 0)
    assert sorted([*train.values, *test.values]) == list(range(80))
    assert data.labels is not None
    np.testing.assert_array_equal(train.labels, data.labels[train.values])
    assert (nodes_apart(data, 1)[1].values != test.values).any()


def test_classes_of_nodes_are_those_of_their_labels() -> None:
    data = graphs_of(communities(80))
    parts = LabelledSplit(data, 0)
    assert data.labels is not None
    np.testing.assert_array_equal(parts.names[parts.y], data.labels[parts.values])
    np.testing.assert_array_equal(parts.names[parts.test_y], data.labels[parts.test_values])
    with pytest.raises(InputError, match="has no labels to learn"):
        LabelledSplit(replace(data, labels=None), 0)
