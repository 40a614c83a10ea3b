from __future__ import annotations

import sys
from pathlib import Path

import networkx
import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.graphml import read_graphml
from narrows.data.readers import read
from narrows.data.reading import Reading


def written(name: str, directed: bool = False) -> None:
    graph = networkx.DiGraph() if directed else networkx.Graph()
    for node, age, hue in (("b", 1, "red"), ("a", 2, "blue"), ("c", 3, "red")):
        graph.add_node(node, age=age, hue=hue)
    graph.add_edges_from([("b", "a"), ("a", "c")])
    networkx.write_graphml(graph, name)


def test_a_graph_comes_with_the_attributes_of_its_nodes() -> None:
    written("g.graphml", directed=True)
    for kind in (None, "graphs", "nodes"):
        data = read("g.graphml", Reading(kind))
        assert (data.schema.kind, data.name, data.ids) == ("nodes", "g", ("b", "a", "c"))
        assert data.schema.feature_names == ("age", "hue: blue", "hue: red")
        np.testing.assert_array_equal(data.array, [[1, 0, 1], [2, 1, 0], [3, 0, 1]])
        assert any(note.startswith("The edges have directions, which are not used") for note in data.notes)
    labelled = read("g.graphml", Reading(label="hue"))
    assert labelled.labels is not None
    assert labelled.schema.feature_names == ("age",)


def test_files_are_several_graphs_by_their_names() -> None:
    for name in ("2", "10"):
        written(f"{name}.graphml")
    found = read_graphml({"2": Path("2.graphml"), "10": Path("10.graphml")}, "set", Reading())
    assert [graph.name for graph in found.graphs] == ["2", "10"]
    assert found.name == "set"


def test_a_file_may_hold_several_graphs() -> None:
    written("g.graphml")
    text = Path("g.graphml").read_text("utf-8")
    start, end = text.index("<graph "), text.index("</graphml>")
    Path("g.graphml").write_text(text[:end] + text[start:end] + text[end:], "utf-8")
    data = read("g.graphml")
    assert (data.schema.kind, data.ids) == ("graphs", ("g.graphml: 0", "g.graphml: 1"))


def test_damaged_files_are_refused_in_a_sentence() -> None:
    written("g.graphml")
    whole = Path("g.graphml").read_text("utf-8")
    for text in (whole[:-50], "hello"):
        Path("g.graphml").write_text(text, "utf-8")
        with pytest.raises(InputError, match=r"g\.graphml cannot be read as GraphML: "):
            read("g.graphml")
    Path("g.graphml").write_text("<graphml></graphml>", "utf-8")
    with pytest.raises(InputError, match=r"g\.graphml holds no graph in the namespace of GraphML"):
        read("g.graphml")
    with pytest.raises(InputError, match=r"g\.graphml holds a graph, but wanted is table; leave --kind out"):
        read("g.graphml", Reading("table"))
    with pytest.raises(InputError, match="--nodes is an option of an edge list in a table"):
        read("g.graphml", Reading(nodes="n.csv"))


def test_without_networkx_the_message_has_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    written("g.graphml")
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(InputError, match="GraphML needs networkx: pip install networkx"):
        read("g.graphml")
