from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.commands import as_json, narrows
from tests.samples import communities, write_edge_list


def test_a_graph_goes_through_the_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    np.savez("g.npz", **communities(80))  # type: ignore[arg-type]
    shown = as_json(capsys, "data", "g.npz", "--kind", "nodes")
    assert (shown["kind"], shown["n"], shown["scaling"], shown["loss"]) == ("nodes", 80, "rarity", "edges")
    assert shown["graph"]["isolated"] == shown["graph"]["loops"] == 0
    found = as_json(capsys, "fit", "g.npz", "--kind", "nodes", "--epochs", 5, "--out", "run")
    assert {"edges", "auc", "ap", "yardsticks"} <= found["held_out"].keys()
    assert as_json(capsys, "encode", "run", "g.npz", "-o", "codes.csv")["n"] == 80
    assert as_json(capsys, "links", "run", "-o", "pairs.csv", "--top", 5)["pairs"] == 5
    rows = list(csv.DictReader(Path("pairs.csv").read_text("utf-8").splitlines()))
    edges = {tuple(pair) for pair in communities(80)["edges"].tolist()}
    assert len(rows) == 5
    assert not {(int(row["node"]), int(row["other"])) for row in rows} & edges
    assert "skipped" not in [each["name"] for each in as_json(capsys, "doctor", "run")["findings"]]
    again = as_json(capsys, "fit", "g.npz", "--kind", "nodes", "--epochs", 5, "--out", "run", "--resume")
    assert again["held_out"] == found["held_out"]
    for words in (
        ("reconstruct", "run", "g.npz", "-o", "y.npy"),
        ("sample", "run", "-o", "s.npy"),
        ("export", "run", "--onnx", "onnx"),
    ):
        assert "the nodes of a graph do" in as_json(capsys, *words, code=2)["error"]


def test_links_are_refused_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    np.savez("g.npz", **communities(40))  # type: ignore[arg-type]
    narrows(capsys, "fit", "g.npz", "--epochs", 1, "--out", "run")
    assert "--top is 0" in as_json(capsys, "links", "run", "-o", "a.csv", "--top", 0, code=2)["error"]
    assert "wanted is .csv" in as_json(capsys, "links", "run", "-o", "a.png", code=2)["error"]
    narrows(capsys, "fit", "digits", "--epochs", 1, "--out", "other")
    found = as_json(capsys, "links", "other", "-o", "a.csv", code=2)
    assert "but this run was fitted to images" in found["error"]


def test_an_edge_list_with_a_table_of_nodes_keeps_names(capsys: pytest.CaptureFixture[str]) -> None:
    graph = communities(60)
    names = write_edge_list(graph)
    options = ("--kind", "graphs", "--nodes", "people.csv", "--id", "name", "--label", "team")
    shown = as_json(capsys, "data", "edges.csv", *options)
    assert shown["graph"]["nodes"] == 60
    assert "Features of people.csv: w0, w1, w2, w3, w4 and 35 more." in shown["why"]
    np.savez("g.npz", **graph)  # type: ignore[arg-type]
    same = as_json(capsys, "fit", "g.npz", "--epochs", 3, "--out", "same")
    found = as_json(capsys, "fit", "edges.csv", *options, "--epochs", 3, "--out", "run")
    assert found["held_out"] == same["held_out"]
    as_json(capsys, "links", "run", "-o", "pairs.csv", "--top", 3)
    assert {row["node"] for row in csv.DictReader(Path("pairs.csv").read_text("utf-8").splitlines())} <= {
        *names
    }
    as_json(capsys, "encode", "run", "edges.csv", "-o", "codes.csv")  # the run knows the table of nodes
    lines = Path("codes.csv").read_text("utf-8").splitlines()
    assert [row["id"] for row in csv.DictReader(lines)] == [*names]
    Path("people.csv").rename("moved.csv")
    assert (
        "give one by --nodes" in as_json(capsys, "encode", "run", "edges.csv", "-o", "c.csv", code=2)["error"]
    )
    as_json(capsys, "encode", "run", "edges.csv", "--nodes", "moved.csv", "-o", "again.csv")
    assert Path("again.csv").read_bytes() == Path("codes.csv").read_bytes()
    as_json(capsys, "anomalies", "run", "edges.csv", "--nodes", "moved.csv", "-o", "scores.csv")
    lines = Path("scores.csv").read_text("utf-8").splitlines()
    assert [row["id"] for row in csv.DictReader(lines)] == [*names]
    error = as_json(capsys, "fit", "edges.csv", "--ends", "from", "--out", "x", code=2)["error"]
    assert "--ends names 1 columns" in error
