from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pandas
import pytest
from PIL import Image

from narrows.data.datasets import load
from tests.commands import as_json, narrows
from tests.samples import curve, mixed


def test_a_word_that_was_never_seen_is_named_and_the_other_rows_are_scored(
    capsys: pytest.CaptureFixture[str],
) -> None:
    frame = mixed(200)
    frame.to_csv("t.csv", index=False)
    narrows(capsys, "fit", "t.csv", "--epochs", "5", "--out", "run", "--quiet")
    frame.loc[[7, 9], "e"] = ["blue", "pink"]
    frame.to_csv("new.csv", index=False)
    found = as_json(capsys, "anomalies", "run", "new.csv", "-o", "s.csv")
    (warning,) = found["warnings"]
    assert "'e' in 2 cells ('blue', 'pink')" in warning
    rows = list(csv.DictReader(Path("s.csv").read_text("utf-8").splitlines()))
    assert len(rows) == 200
    assert [(rows[i]["flagged"], rows[i]["column1"]) for i in (7, 9)] == [("1", "e")] * 2
    assert found["flagged"] < 20
    page = Path("s.html").read_text("utf-8")
    assert "never seen" in page
    assert "in 2 cells" in page


@pytest.fixture
def table() -> list[str]:
    """A table with ids and labels, of which the last five rows are odd; and a run fitted to it."""
    rows = curve(200)
    rows[195:, 2] += 5
    with Path("t.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["name", *"abcdef", "odd"])
        writer.writerows([f"n{i}", *row, int(i >= 195)] for i, row in enumerate(rows.tolist()))
    return ["fit", "t.csv", "--id", "name", "--label", "odd", "--epochs", "5", "--out", "run", "--quiet"]


def test_the_verb_writes_scores_with_reasons_and_a_page(
    table: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    narrows(capsys, *table)
    found = as_json(
        capsys,
        "anomalies",
        "run",
        "t.csv",
        "-o",
        "s.csv",
        "--label",
        "odd",
        "--maps",
        "maps",
        "--expect",
        0.1,
    )
    assert {"threshold", "flagged", "n", "auroc", "average_precision", "yardsticks"} <= found.keys()
    assert (found["n"], set(found["yardsticks"])) == (
        200,
        {"PCA error", "isolation forest", "k nearest neighbours"},
    )
    assert found["auroc"] > 0.99
    rows = list(csv.DictReader(Path("s.csv").read_text("utf-8").splitlines()))
    assert list(rows[0])[:5] == ["id", "score", "p", "flagged", "place"]
    assert sum(int(row["flagged"]) for row in rows) == found["flagged"]
    top = sorted(rows, key=lambda row: -float(row["score"]))[:5]
    assert {row["id"] for row in top} == {f"n{i}" for i in range(195, 200)}
    assert {row["column1"] for row in top} == {"c"}
    assert len(Path("maps/contributions.csv").read_text("utf-8").splitlines()) == 201
    page = Path("s.html").read_text("utf-8")
    assert "<script" not in page
    assert "n199: score" in page
    assert found["sentence"] in page


def test_images_get_maps_and_pictures_of_those_that_are_flagged(
    digits_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = load("digits").array[:20].copy()
    images[4, :, 0] = images[4, :, 7] = 16
    np.save("new.npy", images)
    out, _ = narrows(capsys, "anomalies", digits_folder, "new.npy", "-o", "s.csv", "--maps", "maps")
    assert np.load("maps/maps.npy").shape == (20, 8, 8)
    assert Path("maps/4.png").exists()
    assert "of 20 rows score above" in out
    assert "data:image/png" in Path("s.html").read_text("utf-8")


def test_patches_give_scores_of_the_pixels_of_the_whole_image(capsys: pytest.CaptureFixture[str]) -> None:
    images = np.random.default_rng(0).integers(90, 110, (3, 44, 36)).astype(np.uint8)
    np.save("x.npy", images)
    narrows(capsys, "fit", "x.npy", "--patch", "8", "--epochs", "2", "--out", "run", "--quiet")
    odd = images[0].copy()
    odd[20, 12] = 255
    Image.fromarray(odd).save("odd.png")
    out, _ = narrows(capsys, "anomalies", "run", "odd.png", "-o", "s.csv", "--maps", "maps")
    made = np.load("maps/odd.npy")
    assert made.shape == (44, 36)
    assert np.unravel_index(made.argmax(), made.shape) == (20, 12)
    grey = np.asarray(Image.open("maps/odd.png"))
    assert grey[20, 12] == 255
    assert grey[30, 30] < 128
    places = pandas.read_csv("maps/positions.csv")
    assert places.loc[0, ["image", "y", "x", "brighter"]].tolist() == ["odd.png", 20, 12, 1]
    assert places["score"][0] == pytest.approx(made[20, 12], abs=1e-4)
    assert f"{len(places)} places in 1 images" in out
    assert "scores of the pixels of odd" in Path("s.html").read_text("utf-8")


def test_rows_from_elsewhere_are_said_with_their_columns(
    table: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    narrows(capsys, *table)
    frame = pandas.read_csv("t.csv")
    frame["b"] += 10
    frame.to_csv("shifted.csv", index=False)
    out, err = narrows(capsys, "anomalies", "run", "shifted.csv", "-o", "s.csv", "--json")
    (warning,) = json.loads(out)["warnings"]
    assert re.match(r"\d+ % of the rows are flagged, and b \(median .*\) lies elsewhere than in the", warning)
    assert f"warning: {warning}" in err
    assert warning.split(";")[0] in Path("s.html").read_text("utf-8")
    assert as_json(capsys, "anomalies", "run", "t.csv", "-o", "s.csv")["warnings"] == []
    assert "lies elsewhere" in narrows(capsys, "encode", "run", "shifted.csv", "-o", "c.csv")[1]
    assert narrows(capsys, "encode", "run", "shifted.csv", "-o", "c.csv", "--quiet")[1] == ""
    assert narrows(capsys, "encode", "run", "t.csv", "-o", "c.csv")[1] == ""


def test_labels_among_the_values_and_repeated_ids_are_said(
    table: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    narrows(capsys, *(word for word in table if word not in ("--label", "odd")))
    frame = pandas.read_csv("t.csv")
    frame.loc[7, "name"] = "n3"
    frame.to_csv("twice.csv", index=False)
    out, err = narrows(capsys, "anomalies", "run", "twice.csv", "-o", "s.csv", "--label", "odd", "--json")
    label, ids = json.loads(out)["warnings"]
    assert label.startswith("odd is among the values that the run was fitted to")
    assert ids.startswith("1 of 199 ids name several rows, the first of them 'n3' 2 rows")
    assert all(f"warning: {warning}" in err for warning in (label, ids))
    assert narrows(capsys, "anomalies", "run", "t.csv", "-o", "s.csv")[1] == ""
    assert "1 of 199 ids" in narrows(capsys, "encode", "run", "twice.csv", "-o", "c.csv")[1]


def test_a_share_too_small_for_the_held_out_rows_is_said(
    digits_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save("new.npy", load("digits").array[:5])
    found = as_json(capsys, "anomalies", digits_folder, "new.npy", "-o", "s.csv", "--expect", 0)
    assert "the highest of the 180 rows held out" in found["sentence"]
    assert "auroc" not in found


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "s.npy"], "wanted is .csv or .parquet"),
        (["-o", "s.csv", "--expect", "2"], "from 0 to 1"),
        (["-o", "s.csv", "--label", "y"], "bring no labels"),
    ],
)
def test_wrong_use_is_one_sentence(
    words: list[str], message: str, digits_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save("new.npy", load("digits").array[:5])
    out, _ = narrows(capsys, "anomalies", digits_folder, "new.npy", *words, "--json", code=2)
    assert message in json.loads(out)["error"]
    assert not Path("s.csv").exists()


def test_new_rows_need_no_names_and_a_wrong_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    rows = curve(80)
    table = pandas.DataFrame(rows, columns=list("abcdef"))
    table.assign(name=[f"row {i}" for i in range(80)]).to_csv("named.csv", index=False)
    table.to_csv("bare.csv", index=False)
    narrows(capsys, "fit", "named.csv", "--id", "name", "--epochs", "2", "--out", "run")
    assert as_json(capsys, "anomalies", "run", "bare.csv", "-o", "s.csv")["n"] == 80
    told = narrows(capsys, "anomalies", "run", "bare.csv", "-o", "s.csv", "--id", "nam", "--json", code=2)[0]
    assert "no column 'nam'" in json.loads(told)["error"]


def test_maps_hold_what_was_flagged_last(capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", load("digits").array[:150])
    narrows(capsys, "fit", "x.npy", "--epochs", "2", "--out", "run")
    for expect in ("0.4", "0.02"):
        found = as_json(capsys, "anomalies", "run", "x.npy", "-o", "s.csv", "--maps", "m", "--expect", expect)
        assert len(list(Path("m").glob("*.png"))) == found["flagged"]
    Path("file").write_text("mine")
    narrows(capsys, "anomalies", "run", "x.npy", "-o", "new.csv", "--maps", "file", code=2)
    assert not Path("new.csv").exists()
