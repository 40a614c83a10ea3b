from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas
import pytest

from narrows.core.errors import InputError
from narrows.data.examples import Data
from narrows.data.graphs.tables import read_edge_list
from narrows.data.readers import read
from narrows.data.reading import Reading

EDGES = "source,target\na,b\nb,c\nc,d\nd,a\na,c\na,b\nd,d\n"
NODES = "id,age,hue\nd,1,red\nc,2,blue\nb,3,red\na,4,red\n"


def wrote(name: str, text: str) -> str:
    Path(name).write_text(text, "utf-8")
    return name


def graph(nodes: str | None = NODES, edges: str = EDGES, **how: object) -> Data:
    named = None if nodes is None else wrote("n.csv", nodes)
    return read(wrote("e.csv", edges), Reading("graphs", nodes=named, **how))  # type: ignore[arg-type]


def test_nodes_are_the_rows_of_their_table() -> None:
    data = graph()
    assert (data.schema.kind, data.name, data.ids) == ("nodes", "e", ("d", "c", "b", "a"))
    np.testing.assert_array_equal(data.array, [[1, 0, 1], [2, 1, 0], [3, 0, 1], [4, 0, 1]])
    assert data.source.context["edges"].tolist() == [[0, 1], [0, 3], [1, 2], [1, 3], [2, 3]]
    assert data.edges is not None
    assert (data.edges.loops, data.edges.repeated) == (1, 1)


def test_without_a_table_nodes_are_those_of_the_edges() -> None:
    assert graph(None).ids == ("a", "b", "c", "d")
    data = graph(None, "10 9\n9 11\n11 10\n")
    assert data.ids == ("9", "10", "11")
    assert data.schema.domain(data.schema.choose(data.array).scaling).nodes == 3


def test_nodes_without_an_edge_stay_and_are_counted() -> None:
    data = graph(NODES + "e,5,blue\n")
    assert len(data) == 5
    assert data.edges is not None
    assert data.edges.isolated == 1
    assert "Nodes of n.csv that are not in e.csv: 1." in data.notes
    with pytest.raises(
        InputError, match=r"Nodes of e\.csv that are not in n\.csv: a, b; give each a row there"
    ):
        graph("id,age\nc,1\nd,2\n")


@pytest.mark.parametrize("ending", ["csv", "parquet", "feather", "jsonl", "xlsx"])
def test_all_formats_of_tables_hold_edges_and_nodes(ending: str) -> None:
    graph()
    for name in ("e", "n"):
        frame = pandas.read_csv(f"{name}.csv")
        if ending == "jsonl":
            frame.to_json(f"{name}.jsonl", orient="records", lines=True)
        else:
            getattr(frame, f"to_{ending.replace('xlsx', 'excel')}")(f"{name}.{ending}")
    data = read(f"e.{ending}", Reading("graphs", nodes=f"n.{ending}"))
    np.testing.assert_array_equal(data.array, graph().array)
    np.testing.assert_array_equal(data.source.context["edges"], graph().source.context["edges"])


def test_the_index_of_a_frame_may_name_the_nodes() -> None:
    graph()
    pandas.read_csv("n.csv").set_index("id").rename_axis(None).to_parquet("n.parquet")
    assert read("e.csv", Reading("graphs", nodes="n.parquet")).ids == ("d", "c", "b", "a")


def test_a_fitted_schema_reads_other_tables_alike() -> None:
    data = graph()
    other = graph("id,hue,age\nb,green,\na,red,1\nc,red,2\nd,red,3\n", like=data.schema)
    np.testing.assert_array_equal(other.array, [[2.5, 0, 1], [1, 0, 1], [2, 0, 1], [3, 0, 1]])
    assert any("'hue' in 1 cell ('green')" in warning for warning in other.warnings)
    with pytest.raises(InputError, match="comes without; give their table by --nodes"):
        graph(None, like=data.schema)


def test_a_column_names_the_graphs() -> None:
    edges = "source,target,g\na,b,1\nb,c,1\na,b,2\n"
    nodes = "id,g,age,kind\na,1,1,x\nb,1,2,x\nc,1,3,x\na,2,4,y\nb,2,5,y\nz,3,6,x\n"
    how = Reading("graphs", nodes=wrote("n.csv", nodes), graph="g", label="kind")
    one, two, three = read_edge_list(Path(wrote("e.csv", edges)), "", how).graphs
    assert [each.name for each in (one, two, three)] == ["1", "2", "3"]
    assert (one.ids, two.ids, three.ids) == (("a", "b", "c"), ("a", "b"), ("z",))
    assert (one.edges.tolist(), two.edges.tolist(), len(three.edges)) == ([[0, 1], [1, 2]], [[0, 1]], 0)
    assert [each.label for each in (one, two, three)] == ["x", "y", "x"]
    np.testing.assert_array_equal(two.features, [[4], [5]])
    bare = read_edge_list(Path("e.csv"), "", Reading("graphs", graph="g")).graphs
    assert [each.ids for each in bare] == [("a", "b", "c"), ("a", "b")]
    wrote("n.csv", nodes.replace("b,1,2,x", "b,1,2,y"))
    with pytest.raises(InputError, match="The labels in 'kind' differ inside of graph 1"):
        read_edge_list(Path("e.csv"), "", how)
    wrote("n.csv", nodes.replace("c,1,3,x\n", ""))
    with pytest.raises(InputError, match=r"Nodes of e\.csv that are not in n\.csv: c of graph 1"):
        read_edge_list(Path("e.csv"), "", how)


def test_a_table_may_leave_the_graphs_to_the_edges() -> None:
    wrote("e.csv", "source,target,g\na,b,1\nc,d,2\n")
    how = Reading("graphs", nodes=wrote("n.csv", "id,age\nd,1\na,2\nb,3\nc,4\n"), graph="g")
    one, two = read_edge_list(Path("e.csv"), "", how).graphs
    assert (one.ids, two.ids) == (("a", "b"), ("d", "c"))
    wrote("n.csv", "id,age\nd,1\na,2\nb,3\nc,4\ne,5\n")
    with pytest.raises(InputError, match="1 nodes have no edge, as 'e', so that their graph is unknown"):
        read_edge_list(Path("e.csv"), "", how)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"nodes": "none.csv"}, r"There is no file 'none\.csv' of nodes; give one by --nodes"),
        ({"nodes": "a.npy"}, r"Nodes cannot be read from a\.npy; wanted is a table"),
        ({"label": "hue"}, "--label names a column of a table of nodes; give that table by --nodes"),
        ({"patch": 3}, "--patch is not for graphs"),
        ({"test": "e.csv"}, "--test is not for one graph"),
    ],
)
def test_what_does_not_fit_is_refused(how: dict[str, object], message: str) -> None:
    np.save("a.npy", np.ones(3))
    with pytest.raises(InputError, match=message):
        read(wrote("e.csv", EDGES), Reading("graphs", **how))  # type: ignore[arg-type]
