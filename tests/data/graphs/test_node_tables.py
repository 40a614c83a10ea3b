from __future__ import annotations

from pathlib import Path

import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.node_tables import NodeTable, nodes_in
from narrows.data.reading import INFERRED, Reading
from narrows.data.tables.text import read_text


def nodes_of(text: str, used: str, how: Reading = INFERRED) -> NodeTable:
    Path("n.csv").write_text(text, "utf-8")
    return nodes_in(read_text(Path("n.csv")), used.split(), how)


def test_the_column_of_names_is_found() -> None:
    assert nodes_of("age,Node ID\n1,a\n2,b\n3,c\n", "a b x").names == ["a", "b", "c"]  # by its name
    assert nodes_of("age,member\n3,a\n4,b\n5,c\n", "a b").names == ["a", "b", "c"]  # by its cells
    assert nodes_of("id,member\n1,a\n2,b\n3,c\n", "a b c").names == ["a", "b", "c"]  # by the most cells
    assert nodes_of("age,size\n1.5,3\n2.5,3\n", "0 1").names == ["0", "1"]  # rows are counted
    assert nodes_of("age,member\n1,a\n2,b\n", "1 2", Reading(id="member")).names == ["a", "b"]


def test_labels_are_no_features() -> None:
    found = nodes_of("id,age,kind\na,1,x\nb,2,y\nc,2,y\n", "a b", Reading(label="kind"))
    assert found.features.names == ("age",)
    assert found.labels is not None
    assert found.labels.tolist() == ["x", "y", "y"]
    assert nodes_of("id,age,p\na,1,2\nb,2,3\n", "a", Reading(drop=("p",))).features.names == ("age",)
    assert nodes_of("id,age,p\na,1,2\nb,2,3\n", "a", Reading(columns=("p",))).features.names == ("p",)


@pytest.mark.parametrize(
    ("text", "used", "message"),
    [
        ("age,size\n1,2\n2,3\n", "a b", "No column of n.csv names the nodes of the edges, as 'a'; say which"),
        ("id,size\n1,2\n2,3\n", "a b", "No column of n.csv names the nodes"),
        ("id,size\na,2\nb,3\na,4\n", "a b", r"Line 4 of n\.csv has the node 'a' again, in the column 'id'"),
        ("id,size\na,2\n,3\n", "a b", r"Line 3 of n\.csv names no node in column 'id'"),
    ],
)
def test_tables_that_do_not_name_nodes_are_refused(text: str, used: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        nodes_of(text, used)
