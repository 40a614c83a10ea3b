from __future__ import annotations

from pathlib import Path

import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.edge_lists import EdgeList
from narrows.data.graphs.matrix_tables import matrix_in
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.tables.text import read_text


def matrix_of(text: str) -> EdgeList | None:
    Path("m.csv").write_text(text, "utf-8")
    return matrix_in(read_text(Path("m.csv")))


def test_rows_named_as_the_columns_are_a_matrix() -> None:
    found = matrix_of(",a,b,c\na,0,2,\nb,2,0,0\nc,,0,0\n")
    assert found is not None
    assert (found.ends, found.nodes) == ((["a", "b"], ["b", "a"]), ("a", "b", "c"))
    assert found.notes[0] == "m.csv is read as an adjacency matrix."
    for kind in ("graphs", "nodes"):
        data = read("m.csv", Reading(kind))
        assert data.ids == ("a", "b", "c")
        assert data.source.context["edges"].tolist() == [[0, 1]]
    with pytest.raises(InputError, match=r"An edge of m\.csv has the weight -1"):
        matrix_of(",a,b\na,0,-1\nb,-1,0\n")


def test_as_many_columns_as_rows_of_0_and_1_are_a_matrix() -> None:
    found = matrix_of("0,1,1,0\n1,0,1,0\n1,1,0,1\n0,0,1,0\n")
    assert found is not None
    assert len(found.ends[0]) == 8
    for text in (
        "0,1,1\n1,0,1\n1,1,0\n",  # may be edges with weights
        "0,1,2,0\n1,0,1,0\n2,1,0,1\n0,0,1,0\n",
        "a,b\n0,1\n",
        ",a,b\nb,0,1\na,1,0\n",
        ",a,b\na,x,1\nb,1,0\n",
    ):
        assert matrix_of(text) is None


def test_nodes_beside_a_matrix_are_found_by_name() -> None:
    Path("m.csv").write_text(",a,b,c\na,0,1,1\nb,1,0,0\nc,1,0,0\n", "utf-8")
    Path("n.csv").write_text("id,age\nc,3\nb,2\na,1\n", "utf-8")
    data = read("m.csv", Reading("graphs", nodes="n.csv"))
    assert (data.ids, data.array.ravel().tolist()) == (("c", "b", "a"), [3, 2, 1])
