from __future__ import annotations

from pathlib import Path

import networkx
import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.objects import graphs_of
from narrows.data.readers import read
from narrows.data.reading import Reading
from tests.samples import communities

GRAPH = communities(30)


@pytest.mark.parametrize(
    "how", [Reading(patch=4), Reading(blocks=3), Reading(axes="NF"), Reading(test="g.npz")]
)
def test_options_of_other_kinds_are_refused(how: Reading) -> None:
    np.savez("g.npz", **GRAPH)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"is not for graphs|is not for one graph"):
        read("g.npz", how)


def test_options_of_edge_lists_are_refused_for_archives() -> None:
    np.savez("g.npz", **GRAPH)  # type: ignore[arg-type]
    for how in (Reading(nodes="n.csv"), Reading("graphs", ends=("a", "b")), Reading(label="x")):
        with pytest.raises(InputError, match="is an option of edge lists and their nodes"):
            read("g.npz", how)
    with pytest.raises(InputError, match=r"g\.npz holds graphs and has no part 'x'"):
        read("g.npz::x", Reading("graphs"))


def test_an_array_on_disk_may_be_an_adjacency() -> None:
    np.save("a.npy", np.roll(np.eye(4), 1, axis=1))
    data = read("a.npy", Reading("graphs"))
    assert data.source.context["edges"].tolist() == [[0, 1], [0, 3], [1, 2], [2, 3]]
    np.save("a.npy", np.ones((4, 3)))
    with pytest.raises(InputError, match=r"The adjacency of a\.npy has shape 4x3"):
        read("a.npy", Reading("graphs"))
    np.save("a.npy", np.full((3, 3), 0.5))
    with pytest.raises(InputError, match="not an adjacency of 0 and 1"):
        read("a.npy", Reading("nodes"))


def test_what_holds_no_graphs_is_refused_in_a_sentence() -> None:
    Path("folder").mkdir()
    Path("a.png").write_bytes(b"x")
    for source in ("folder", "a.png"):
        with pytest.raises(InputError, match=r"holds no graphs; wanted is an edge list"):
            read(source, Reading("graphs"))


def test_numbers_of_nodes_that_are_a_mistake_are_refused() -> None:
    np.savez("g.npz", edges=np.array([[0, 10**15], [1, 2]]))
    with pytest.raises(InputError, match="would have 1,000,000,000,000,001 nodes"):
        read("g.npz")


def written_graphs() -> list[networkx.Graph]:
    """Three graphs as an archive, a folder, a TU data set and an edge list."""
    graphs = [networkx.cycle_graph(5), networkx.path_graph(4), networkx.star_graph(3)]
    sizes = [len(graph) for graph in graphs]
    starts = np.cumsum([0, *sizes])
    x = np.arange(sum(sizes)) % 7 + 0.5
    Path("gml").mkdir()
    Path("tu").mkdir()
    for i, graph in enumerate(graphs):
        networkx.set_node_attributes(graph, {node: x[starts[i] + node].item() for node in graph}, "x")
        networkx.write_graphml(graph, f"gml/{i}.graphml")
    edges = np.concatenate([np.array(g.edges) + start for g, start in zip(graphs, starts, strict=False)])
    members = np.repeat([1, 2, 3], sizes)
    np.savez("g.npz", edges=edges, x=x[:, None], sizes=sizes, labels=[1, 2, 3])
    for end, values in (("A", edges + 1), ("graph_indicator", members), ("graph_labels", [1, 2, 3])):
        np.savetxt(f"tu/T_{end}.txt", values, fmt="%d", delimiter=", ")
    np.savetxt("tu/T_node_attributes.txt", x)
    rows = [f"n{a},n{b},{members[a]}" for a, b in edges]
    Path("e.csv").write_text("\n".join(["from,to,set", *rows]), "utf-8")
    nodes = [f"n{i},{members[i]},{value},{members[i]}" for i, value in enumerate(x)]
    Path("n.csv").write_text("\n".join(["id,set,x,kind", *nodes]), "utf-8")
    return graphs


def test_several_graphs_are_the_same_from_all_formats() -> None:
    graphs = written_graphs()
    edge_list = Reading("graphs", graph="set", nodes="n.csv", label="kind")
    found = [
        read("g.npz"),
        read("gml"),
        read("gml/*.graphml"),
        read("tu"),
        read("tu/T_A.txt"),
        read("e.csv", edge_list),
    ]
    for data in (*found, graphs_of(graphs)):
        assert (data.schema.kind, data.schema.shape) == ("graphs", (5, 6))
        np.testing.assert_array_equal(data.array, found[0].array)
    for data in (found[0], found[3], found[5]):
        assert data.labels is not None
        assert data.labels.tolist() == [1, 2, 3]
    assert found[1].ids == ("0.graphml", "1.graphml", "2.graphml")
    with pytest.raises(
        InputError, match="gml holds 3 graphs, but wanted is one, whose nodes are the examples"
    ):
        read("gml", Reading("nodes"))


def test_a_model_of_several_graphs_takes_one() -> None:
    written_graphs()
    schema = read("gml").schema
    one = read("gml/1.graphml", Reading("graphs", like=schema))
    assert (one.schema, one.ids, one.array.shape) == (schema, ("1.graphml",), (1, 5, 6))
