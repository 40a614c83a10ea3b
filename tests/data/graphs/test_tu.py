from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.loaded import LoadedGraphs
from narrows.data.graphs.tu import read_tu, tu_files
from narrows.data.reading import INFERRED

FILES = {
    "A": "1, 2\n2, 1\n3, 5\n5, 3\n",
    "graph_indicator": "1\n1\n2\n2\n2\n",
    "graph_labels": "-1\n1\n",
    "node_labels": "0\n3\n0\n3\n3\n",
    "node_attributes": "0.5, 1\n1.5, 2\n2.5, 3\n3.5, 4\n4.5, 5\n",
    "edge_labels": "1\n1\n2\n2\n",
}


def graphs(**changed: str | None) -> LoadedGraphs:
    for end, text in {**FILES, **changed}.items():
        Path("SET").mkdir(exist_ok=True)
        Path(f"SET/SET_{end}.txt").unlink(missing_ok=True)
        if text is not None:
            Path(f"SET/SET_{end}.txt").write_text(text)
    files = tu_files(Path("SET"))
    assert files is not None
    return read_tu(files, INFERRED)


def test_graphs_come_with_labels_and_attributes() -> None:
    found = graphs()
    one, two = found.graphs
    assert (one.edges.tolist(), two.edges.tolist()) == ([[0, 1], [1, 0]], [[0, 2], [2, 0]])
    assert (one.label, two.label, one.nodes, two.nodes) == (-1, 1, 2, 3)
    assert one.feature_names == ("attribute 0", "attribute 1", "label 0: label 0", "label 0: label 3")
    np.testing.assert_array_equal(one.features, [[0.5, 1, 1, 0], [1.5, 2, 0, 1]])
    assert found.notes[0] == "Files that are not used: SET_edge_labels.txt."
    bare = graphs(node_labels=None, node_attributes=None, graph_labels=None, edge_labels=None).graphs
    assert bare[0].features is None
    assert bare[0].label is None


def test_a_data_set_is_found_by_its_folder_or_its_edges() -> None:
    graphs()
    assert tu_files(Path("SET/SET_A.txt")) == tu_files(Path("SET"))
    assert tu_files(Path("SET/SET_graph_labels.txt")) is None
    for end in ("A", "graph_indicator"):
        Path(f"SET/OTHER_{end}.txt").write_text(FILES[end])
    with pytest.raises(
        InputError, match=r"SET holds several data sets: OTHER, SET; give the file OTHER_A\.txt"
    ):
        tu_files(Path("SET"))


@pytest.mark.parametrize(
    ("end", "text", "message"),
    [
        ("A", "1, 2\n2, x\n", r"SET_A\.txt does not hold rows of numbers"),
        ("A", "1, 2, 3\n", r"SET_A\.txt is 1x3; wanted are 2 numbers in each line"),
        ("A", "0, 1\n", "numbers a node or a graph by less than 1"),
        ("A", "1, 9\n", "joins node 9, but 5 nodes have a graph; number them from 1"),
        ("A", "1, 3\n", "joins node 1 of graph 1 and node 3 of graph 2"),
        ("graph_indicator", "1\n1\n2\n", "has 5 rows for 3 nodes"),
        ("graph_indicator", "1\n1\n0\n2\n2\n", "numbers a node or a graph by less than 1"),
        ("graph_indicator", "", r"SET_graph_indicator\.txt is empty"),
        ("graph_labels", "1\n", "has 1 labels for 2 graphs"),
        ("node_labels", "1\n2\n", r"SET_node_labels\.txt has 2 rows for 5 nodes"),
        (
            "node_attributes",
            "1\n2\nnan\n4\n5, 6\n",
            r"SET_node_attributes\.txt does not hold rows of numbers",
        ),
    ],
)
def test_damaged_files_are_refused_in_a_sentence(end: str, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        graphs(**{end: text})
