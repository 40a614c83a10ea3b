from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from narrows.data.datasets import load
from narrows.tasks.few_labels.probe import METHODS
from tests.commands import as_json, narrows
from tests.samples import communities

RNG = np.random.default_rng(0)

pytestmark = pytest.mark.usefixtures("brief_fine_tuning")


def test_the_verb_reads_a_column_a_file_or_the_sets_own_labels(capsys: pytest.CaptureFixture[str]) -> None:
    quick = ["--labels", "2", "--draws", "1", "--epochs", "2", "--quiet"]
    iris = load("iris")
    assert iris.labels is not None
    np.save("x.npy", iris.array)
    words = [("ant", "bee", "cat")[i] for i in iris.labels]
    Path("y.txt").write_text("\n".join(words))
    head, rows = "a,b,c,d,kind\n", zip(iris.array, words, strict=True)
    Path("t.csv").write_text(head + "".join(f"{','.join(map(str, x))},{w}\n" for x, w in rows))
    found = as_json(capsys, "probe", "x.npy", "--label", "y.txt", *quick)
    again = as_json(capsys, "probe", "t.csv", "--label", "kind", *quick)
    assert found["rows"][0].keys() >= {"labels", *METHODS}
    assert found["rows"][0]["labels"] == 2
    assert found["rows"][0]["pixels"] == again["rows"][0]["pixels"]
    assert Path("runs/x-probe.html").is_file()
    Path("y.txt").write_text("ant\nbee")
    told = narrows(capsys, "probe", "x.npy", "--label", "y.txt", *quick, "--json", code=2)[0]
    assert "holds 2 labels for 150 examples" in json.loads(told)["error"]


def test_a_finished_run_is_taken_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    narrows(capsys, "fit", "iris", "--epochs", "2", "--out", "run", "--quiet")
    quick = ["--labels", "2", "--draws", "1", "--run", "run", "--quiet"]
    assert as_json(capsys, "probe", "iris", *quick)["recipe"] == "autoencoder"


def test_a_run_finds_its_columns_by_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    rows = RNG.standard_normal((90, 2)) + 4 * (np.arange(90) % 2)[:, None] * [1, -1]
    kinds = np.where(np.arange(90) % 2, "x", "y")
    lines = [f"{a},{b},{kind}" for (a, b), kind in zip(rows, kinds, strict=True)]
    Path("ab.csv").write_text("\n".join(["a,b,kind", *lines]))
    turned = [f"{b},{a},{kind}" for (a, b), kind in zip(rows, kinds, strict=True)]
    Path("ba.csv").write_text("\n".join(["b,a,kind", *turned]))
    narrows(capsys, "fit", "ab.csv", "--label", "kind", "--epochs", "3", "--out", "run")
    found = [
        as_json(capsys, "probe", f, "--label", "kind", "--run", "run", "--labels", "5", "--draws", "1")[
            "rows"
        ]
        for f in ("ab.csv", "ba.csv")
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--draws", "0"], "'draws' is 0, but must be at least 1"),
        (["--epochs", "0"], "'epochs' is 0, but must be at least 1"),
        (["--labels", "0"], "--labels takes whole numbers, as in 2,4,8, but got '0'"),
        (["--run", "r", "--epochs", "3"], "--run"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(
    given: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in narrows(capsys, "probe", "digits", *given, code=2)[1]
    assert not Path("runs").exists()


def test_the_nodes_of_a_graph_are_classified(capsys: pytest.CaptureFixture[str]) -> None:
    np.savez("g.npz", **communities(80))  # type: ignore[arg-type]
    told = narrows(
        capsys, "probe", "g.npz", "--labels", "1,3", "--draws", 2, "--epochs", 3, "--out", "p.html"
    )
    assert "linear on the SVD" in told[1]
    assert "linear on S²X" in Path("p.html").read_text("utf-8")
    narrows(capsys, "fit", "g.npz", "--epochs", 3, "--out", "run", "--quiet")
    found = as_json(capsys, "probe", "g.npz", "--run", "run", "--labels", 2, "--draws", 1, "--quiet")
    assert found["rows"][0].keys() >= {"pretrained", "features", "smoothed", "svd"}
    assert found["recipe"] == "autoencoder"
