from __future__ import annotations

from pathlib import Path

import pytest

from narrows.core.errors import InputError
from narrows.data.graphs.edge_lists import EdgeList, edges_in, names_are_nodes
from narrows.data.tables.text import read_text


def edges_of(text: str, ends: tuple[str, ...] = (), graph: str | None = None) -> EdgeList:
    Path("e.csv").write_text(text, "utf-8")
    return edges_in(read_text(Path("e.csv")), ends, graph)


def test_ends_are_columns_with_usual_names_or_the_first_ones() -> None:
    for text in (
        "id,Weight,ToNodeId,FromNodeId\n7,1,b,a\n8,1,c,b\n",
        "Source,Target,Type\na,b,x\nb,c,y\n",
        "wer,wen\na,b\nb,c\n",
        "wer,wen,wie oft\na,b,3\nb,c,0.5\n",
    ):
        assert edges_of(text).ends == (["a", "b"], ["b", "c"])
    text = "when,payer,payee,amount\n1,a,b,3\n2,b,c,2\n"
    assert edges_of(text, ("payer", "payee", "amount")).ends == (["a", "b"], ["b", "c"])
    assert edges_of(text, ("payer", "payee")).notes[1] == "Columns of e.csv that are not used: when, amount."


def test_graphs_are_those_of_a_column_that_is_told() -> None:
    found = edges_of("p,q,g\nn,m,1\no,p,2\n", graph="g")
    assert (found.ends, found.graphs) == ((["n", "o"], ["m", "p"]), ["1", "2"])


def test_weights_are_not_used_and_one_of_zero_is_no_edge() -> None:
    found = edges_of("source,target,weight\na,b,2\nb,c,0\nc,d,\n")
    assert found.ends == (["a", "c"], ["b", "d"])
    assert found.notes[-1].endswith("there is an edge; rows with the weight 0 are no edges: 1.")
    assert edges_of("from,to,calls\na,b,2\nb,c,0\n").ends == (["a"], ["b"])
    for third in ("id", "Edge Id", "calls,since"):
        row = ",0" * (1 + third.count(","))
        assert len(edges_of(f"from,to,{third}\na,b{row}\nb,c{row}\n").ends[0]) == 2
    with pytest.raises(InputError, match=r"Line 3 of e\.csv has the weight -1; .* the column 'weight'"):
        edges_of("source,target,weight\na,b,2\nb,c,-1\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\nb\nc\n", "has one column: .*; wanted are two that name nodes, separated by a comma"),
        ("a,b,c,d\n1,2,3,4\n", "has 4 columns: .*; .* say which by --ends SOURCE,TARGET"),
        ("p,q,r\na,b,friend\nb,c,foe\n", "The third column 'r' of the edge list .* holds words"),
        ("source,target\na,b\nb,\n", "Line 3 of .* names no node in column 'target'; fill it in"),
        ("source,target\n1,2\n2,-1\n", "has the node -1 in column 'target'; wanted are whole numbers from 0"),
        ("source,target\n1,2\n2,1.5\n", r"has the node 1\.5 in column 'target'"),
        (
            "source,target,w\na,b,much\nb,c,little\na,c,much\n",
            "'w' of .* holds words, but weights are numbers",
        ),
    ],
)
def test_what_is_no_edge_list_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        edges_of(text)


def test_columns_that_are_not_there_are_refused() -> None:
    with pytest.raises(InputError, match=r"has no column 'paye'\. Did you mean 'payer'"):
        edges_of("payer,payee\na,b\n", ("payer", "paye"))
    with pytest.raises(InputError, match="has no column 'h'"):
        edges_of("p,q,g\nn,m,1\n", graph="h")


@pytest.mark.parametrize(
    ("text", "are"),
    [
        ("a,b\nb,c\n", True),
        ("1,2\nx,3\nx,4\n", True),
        ("source,target\nsource,b\n", False),
        ("u,v\nv,w\n", True),
        ("u,v\na,w\n", False),
        ("p,q\na,b\n", False),
    ],
)
def test_a_first_line_that_is_an_edge_is_seen(text: str, are: bool) -> None:
    Path("e.csv").write_text(text, "utf-8")
    assert names_are_nodes(read_text(Path("e.csv"))) == are
