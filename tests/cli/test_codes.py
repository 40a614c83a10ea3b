from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from narrows.data.images.pictures import read_picture
from narrows.data.sources import on_disk
from tests.commands import as_json, narrows

QUICK = ["--set", "training.epochs=2", "--quiet"]


def test_encode(digits_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    narrows(capsys, "encode", digits_folder, "digits", "-o", "z.npy")
    narrows(capsys, "encode", digits_folder, "digits", "-o", "z.csv")
    narrows(capsys, "encode", digits_folder, "digits", "-o", "z.parquet")
    import pandas

    Z = np.load("z.npy")
    assert Z.shape == (1797, 4)
    np.testing.assert_allclose(pandas.read_csv("z.csv")[["z0", "z1", "z2", "z3"]], Z, rtol=1e-5)
    assert (pandas.read_parquet("z.parquet").to_numpy() == Z).all()
    assert (
        "wanted is .csv, .parquet, .npy, .npz, .h5, .hdf5, .hspy or .zarr"
        in narrows(capsys, "encode", digits_folder, "digits", "-o", "z.txt", code=2)[1]
    )


def test_a_folder_of_images_keeps_names_and_types(capsys: pytest.CaptureFixture[str]) -> None:
    Path("in").mkdir()
    rng = np.random.default_rng(0)
    for i in range(30):
        Image.fromarray(rng.integers(0, 256, (7, 5, 3), dtype="u1")).save(f"in/photo {i}.png")
    found = as_json(capsys, "fit", "in", *QUICK)
    narrows(capsys, "reconstruct", found["run"], "in", "-o", "out")
    assert sorted(f.name for f in Path("out").iterdir()) == sorted(f.name for f in Path("in").iterdir())
    found = read_picture(Path("out/photo 3.png")).pixels
    assert (found.shape, found.dtype) == ((7, 5, 3), np.uint8)


def test_a_table_is_recognised_by_the_names_of_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    rows = rng.random((60, 3))
    lines = [f"r{i},{a},{b},{c},{'ab'[i % 2]}" for i, (a, b, c) in enumerate(rows)]
    Path("a.csv").write_text("\n".join(["name,x,y,z,class", *lines]))
    found = as_json(capsys, "fit", "a.csv", "--id", "name", "--label", "class", "--groups", "name", *QUICK)
    run = found["run"]
    narrows(capsys, "encode", run, "a.csv", "-o", "z.csv")
    lines = [f"{c},{a},{b},q{i}" for i, (a, b, c) in enumerate(rows)]
    Path("b.csv").write_text("\n".join(["z,x,y,name", *lines]))
    narrows(capsys, "encode", run, "b.csv", "-o", "w.csv")
    first, second = (Path(name).read_text().splitlines() for name in ("z.csv", "w.csv"))
    assert first[1].startswith("r0,")
    assert second[1].startswith("q0,")
    assert [line.partition(",")[2] for line in first] == [line.partition(",")[2] for line in second]
    Path("c.csv").write_text("name,x,y\nr0,1,2\n")
    assert "has no column 'z'" in narrows(capsys, "encode", run, "c.csv", "-o", "w.csv", code=2)[1]
    page = (Path(run) / "report.html").read_text()
    assert "coloured by label" in page


def test_a_word_that_was_never_seen_is_missing_with_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{i % 7},{'red' if i % 2 else 'blue'}" for i in range(60)]
    Path("a.csv").write_text("\n".join(["n,colour", *rows]))
    run = as_json(capsys, "fit", "a.csv", *QUICK)["run"]
    Path("b.csv").write_text("n,colour\n1,red\n2,green\n")
    Path("missing.csv").write_text("n,colour\n1,red\n2,\n")
    told = narrows(capsys, "encode", run, "b.csv", "-o", "z.csv")[1]
    assert "count as missing: 'colour' in 1 cell ('green')" in told
    assert narrows(capsys, "encode", run, "b.csv", "-o", "z.csv", "--quiet")[1] == ""
    narrows(capsys, "encode", run, "missing.csv", "-o", "missing-z.csv", "--quiet")
    assert Path("z.csv").read_text() == Path("missing-z.csv").read_text()


def test_new_rows_may_lack_a_column_that_the_model_knows(capsys: pytest.CaptureFixture[str]) -> None:
    rows = np.random.default_rng(0).random((60, 3))
    Path("a.csv").write_text("a,b,c\n" + "\n".join(",".join(map(str, row)) for row in rows))
    run = as_json(capsys, "fit", "a.csv", *QUICK)["run"]
    Path("b.csv").write_text("a,b,c\n0.5,,0.5\n")
    told = narrows(capsys, "reconstruct", run, "b.csv", "-o", "r.csv")[1]
    assert "nan" not in Path("r.csv").read_text()
    assert "1 of 1 rows lack cells, which no training row did" in told
    assert narrows(capsys, "reconstruct", run, "b.csv", "-o", "full.csv", "--impute")[1] == ""
    assert narrows(capsys, "encode", run, "full.csv", "-o", "z.csv")[1] == ""
    Path("c.csv").write_text(
        "a,b,c\n" + "\n".join(f"{a},,{c}" if a < 0.3 else f"{a},{b},{c}" for a, b, c in rows)
    )
    lacking = as_json(capsys, "fit", "c.csv", *QUICK)["run"]
    assert "lack cells" not in narrows(capsys, "encode", lacking, "b.csv", "-o", "z.csv")[1]


def test_cells_that_were_there_are_written_as_they_came(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{i}.{i % 10}00,50 €;0{i % 3}1;{i} %;{'NA' if i % 7 else '?'}" for i in range(1, 60)]
    rows[4], rows[9] = ";011;6 %;EU", "11.000,50 €;-;-999;EU"
    Path("a.csv").write_text("\n".join(["price;plz;share;region", *rows]), "utf-8")
    run = as_json(capsys, "fit", "a.csv", "--missing", "-999", *QUICK)["run"]
    narrows(capsys, "reconstruct", run, "a.csv", "-o", "full.csv", "--impute", "--quiet")
    full = list(csv.reader(Path("full.csv").read_text("utf-8").splitlines()))
    came = [row.split(";") for row in Path("a.csv").read_text("utf-8").splitlines()]
    changed = [(i, j) for i, row in enumerate(came) for j, cell in enumerate(row) if cell != full[i][j]]
    assert {(5, 0), (10, 1), (10, 2)} < {*changed}
    assert all(came[i][j] == "?" for i, j in changed if i not in (5, 10))
    assert full[5][0].endswith(",50€") or "," in full[5][0]
    assert full[10][1] in ("001", "011", "021")
    assert full[10][2].endswith("%")


def test_patches_on_disk_become_whole_images_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save("x.npy", np.random.default_rng(0).integers(90, 110, (3, 44, 36)).astype(np.uint8))
    monkeypatch.setattr(on_disk, "LARGE", 1)
    narrows(capsys, "fit", "x.npy", "--patch", "8", "--epochs", "2", "--out", "run", "--quiet")
    narrows(capsys, "reconstruct", "run", "x.npy", "-o", "made.npy")
    made = np.load("made.npy")
    assert (made.shape, made.dtype) == ((3, 44, 36), np.uint8)
    found = as_json(capsys, "anomalies", "run", "x.npy", "-o", "s.csv", "--maps", "maps")
    assert found["n"] == 3 * 6 * 5
    maps = [f"x-{i}.{ending}" for i in range(3) for ending in ("npy", "png")]
    assert sorted(file.name for file in Path("maps").iterdir()) == ["positions.csv", *maps]
    assert "Whole images" in Path("s.html").read_text("utf-8")
    narrows(capsys, "anomalies", "run", "x.npy", "-o", "s.csv")
    assert "Whole images" not in Path("s.html").read_text("utf-8"), "without maps images stay on disk"


def test_found_poses_are_columns_before_the_codes(capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", np.random.default_rng(0).random((40, 8, 8)))
    run = as_json(capsys, "fit", "x.npy", "--kind", "images", "--pose", "turn,shift", *QUICK)["run"]
    assert as_json(capsys, "encode", run, "x.npy", "-o", "z.csv")["pose"] == ["angle", "shift_x", "shift_y"]
    with Path("z.csv").open() as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if not name.startswith("z")]
    assert names[-3:] == ["angle", "shift_x", "shift_y"]
    assert all(-180 <= float(row["angle"]) <= 180 and abs(float(row["shift_x"])) <= 2 for row in rows)
    narrows(capsys, "encode", run, "x.npy", "-o", "z.npy")
    assert np.load("z.npy").shape[1] == len([name for name in rows[0] if name.startswith("z")])
