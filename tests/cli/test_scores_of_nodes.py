from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.commands import as_json, narrows
from tests.tasks.anomalies.graphs import planted


def test_anomalies_of_a_graph_name_nodes_and_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    data = planted(200).data
    assert data.edges is not None
    assert data.labels is not None
    np.savez("g.npz", edges=data.edges.pairs, x=data.array, labels=data.labels.astype(np.int64))
    narrows(capsys, "fit", "g.npz", "--epochs", 5, "--out", "run", "--quiet")
    found = as_json(capsys, "anomalies", "run", "g.npz", "-o", "s.csv", "--top", 10, "--label", "labels")
    assert (found["n"], found["flagged"]) == (200, 10)
    assert found["auroc"] > found["yardsticks"]["degree"]
    rows = list(csv.DictReader(Path("s.csv").read_text("utf-8").splitlines()))
    assert sum(row["flagged"] == "1" for row in rows) == 10
    assert "nodes are flagged" in Path("s.html").read_text("utf-8")
    said, _ = narrows(capsys, "anomalies", "run", "g.npz", "-o", "s.csv")
    assert "improbable edges to" in said
    error = as_json(capsys, "anomalies", "run", "g.npz", "-o", "s.csv", "--maps", "m", code=2)["error"]
    assert "scores of nodes name their reasons" in error
