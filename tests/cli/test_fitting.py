from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from narrows.data.datasets import load
from narrows.data.pictures import read_picture
from narrows.model.recipes import LECTURES, RECIPES, RESTORATIONS
from narrows.runs.run import FILES, Run
from tests.commands import as_json, narrows
from tests.conftest import reseal

QUICK = ["--set", "training.epochs=2", "--quiet"]


def test_fit_prints_the_keys_that_were_promised(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "fit", "digits", "--latent-dim", 3, "--epochs", 2, "--seed", 1, "--quiet")
    assert {"run", "kind", "recipe", "latent_dim", "epochs", "seconds", "verdict", "held_out"} <= found.keys()
    assert {"n", "groups", "mse", "pca_mse", "mean_mse", "ratio_ci95"} <= found["held_out"].keys()
    assert (found["kind"], found["recipe"], found["latent_dim"], found["epochs"]) == (
        "images",
        "autoencoder",
        3,
        2,
    )
    assert found["verdict"] in ("beats", "does not beat", "cannot tell")
    assert {file.name for file in Path(found["run"]).iterdir()} == {*FILES, "report.html", "README.md"}
    again = as_json(capsys, "fit", "digits", "--latent-dim", 3, "--epochs", 2, "--seed", 1, "--quiet")
    assert again["run"] == found["run"] + "-2"
    assert again["held_out"] == found["held_out"]


def test_progress_is_one_plain_line_per_epoch_with_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = narrows(capsys, "fit", "iris", "--epochs", 3)
    assert [line.split()[1] for line in err.splitlines()] == ["1/3", "2/3", "3/3"]
    assert all(line.endswith("s left") for line in err.splitlines())
    assert len(out.splitlines()) == 2


@pytest.mark.parametrize("recipe", [name for name in RECIPES if name not in (*LECTURES, *RESTORATIONS)])
def test_every_recipe_fits_tables_and_images(recipe: str, capsys: pytest.CaptureFixture[str]) -> None:
    for data in ("iris", "digits"):
        found = as_json(capsys, "fit", data, "--recipe", recipe, "--epochs", 6, "--quiet")
        assert found["recipe"] == recipe


@pytest.mark.parametrize("recipe", LECTURES)
def test_every_lectures_recipe_fits_images(recipe: str, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    np.save("x.npy", rng.random((120, 12, 10)).astype(np.float32))
    assert as_json(capsys, "fit", "x.npy", "--recipe", recipe, "--epochs", 8, "--quiet")["recipe"] == recipe


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_is_shown(recipe: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = narrows(capsys, "recipes", recipe)[0]
    assert RECIPES[recipe]["formula"] in shown
    assert f"--recipe {recipe}" in shown
    assert json.loads(shown[shown.index("{") : shown.rindex("}") + 1])["spec"] == RECIPES[recipe]["spec"]


def test_what_was_set_is_what_was_built(capsys: pytest.CaptureFixture[str]) -> None:
    changes = ["--set", "bottleneck.beta=3", "--set", "encoder.widths=[9,8]", "--set", "corruption.name=mask"]
    found = as_json(capsys, "fit", "iris", "--recipe", "vae", *changes, *QUICK)
    spec = json.loads((Path(found["run"]) / "config.json").read_text())["spec"]
    assert spec["bottleneck"]["beta"] == 3
    assert spec["encoder"]["widths"] == [9, 8]
    assert spec["corruption"] == {"name": "mask"}


def test_data_says_what_was_seen_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "data", "digits")
    assert found["shape"] == [8, 8]
    assert (found["kind"], found["n"], found["dtype"], found["range"]) == ("images", 1797, "float64", [0, 16])
    assert (found["missing"], found["scaling"], found["loss"]) == (0, "range", "bernoulli")
    assert found["why"]
    assert found["why"][0] in narrows(capsys, "data", "digits")[0]


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
        "wanted is .csv, .parquet, .npy or .npz"
        in narrows(capsys, "encode", digits_folder, "digits", "-o", "z.txt", code=2)[1]
    )


def test_reconstruct_sample_and_interpolate(digits_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    narrows(capsys, "reconstruct", digits_folder, "digits", "-o", "r.npy")
    assert np.load("r.npy").shape == (1797, 8, 8)
    found = as_json(capsys, "sample", digits_folder, "-n", 9, "-o", "s.npy")
    assert "no prior" in found["note"]
    first = np.load("s.npy")
    narrows(capsys, "sample", digits_folder, "-n", 9, "-o", "s2.npy")
    assert (np.load("s2.npy") == first).all()
    narrows(capsys, "sample", digits_folder, "-n", 9, "-o", "s3.npy", "--seed", 1)
    assert not (np.load("s3.npy") == first).all()
    narrows(capsys, "sample", digits_folder, "-n", 9, "-o", "s.png")
    assert read_picture(Path("s.png")).pixels.shape[1] > 100
    narrows(capsys, "interpolate", digits_folder, "digits", 0, 5, "-o", "i.npy", "--steps", 5)
    path = np.load("i.npy")
    ends = np.load("r.npy")[[0, 5]]
    np.testing.assert_allclose(path[[0, -1]], ends, atol=1e-4)
    narrows(capsys, "interpolate", digits_folder, "digits", 0, 5, "-o", "i.png")
    height, width, _ = read_picture(Path("i.png")).pixels.shape
    assert width > 5 * height


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


def test_report_is_written_again(digits_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (digits_folder / "report.html").read_bytes()
    (digits_folder / "report.html").unlink()
    narrows(capsys, "report", digits_folder)
    assert (digits_folder / "report.html").read_bytes() == before


WRONG = {
    ("fit", "digit"): "Did you mean 'digits'",
    ("fit", "digits", "--recipe", "vea"): "Did you mean 'vae'",
    ("fit", "iris", "--set", "bottleneck.betta=1", "--recipe", "vae"): "Did you mean 'beta'",
    ("fit", "iris", "--set", "botleneck.beta=1"): "Did you mean 'bottleneck'",
    ("fit", "iris", "--set", "nonsense"): "PART.OPTION=VALUE",
    ("fit", "iris", "--set", "training.epoch=1"): "Did you mean 'epochs'",
    ("fit", "iris", "--latent-dim", "0"): "at least 1",
    ("fit", "iris", "--epochs", "0"): "between 1 and",
    ("fit", "iris", "--device", "gpu"): "There is no device 'gpu'",
    ("fit", "iris", "--kind", "pictures"): "No kind of data is called 'pictures'",
    ("fit", "iris", "--set", "encoder.name=conv"): "is for images",
    ("fit", "diabetes", "--set", "loss.name=bernoulli"): "values in [0, 1]",
    ("fit",): "Missing argument",
    ("fit", "iris", "--latent-dim", "many"): "valid integer",
    ("fitt", "iris"): "No such command",
    ("recipes", "vea"): "Did you mean 'vae'",
    ("encode", "nowhere", "iris", "-o", "a.csv"): "is not a run folder",
    ("report", "nowhere"): "is not a run folder",
    ("compare", "iris", "--latent-dims", "2,many"): "takes whole numbers",
    ("compare", "iris", "--recipes", "autoencoder,vea"): "Did you mean 'vae'",
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_use_is_one_sentence_and_exit_code_2(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = narrows(capsys, *words, code=2)
    assert WRONG[words] in err
    assert (out, len(err.splitlines())) == ("", 1)
    assert WRONG[words] in as_json(capsys, *words, code=2)["error"]
    assert not Path("runs").exists()


def test_a_run_is_not_written_over(digits_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "exists already" in narrows(capsys, "fit", "iris", "--out", digits_folder, code=2)[1]


def test_examples_that_are_not_there(digits_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = narrows(capsys, "interpolate", digits_folder, "digits", 0, 1797, "-o", "a.png", code=2)[1]
    assert "no example 1797" in message
    assert "between 1 and" in narrows(capsys, "sample", digits_folder, "-n", 0, "-o", "a.png", code=2)[1]
    assert "shape 4" in narrows(capsys, "encode", digits_folder, "iris", "-o", "a.csv", code=2)[1]


def test_a_training_that_breaks_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("fit", "iris", "--set", "training.learning_rate=1e30", "--set", "training.clip=0", "--quiet")
    assert "not finite" in narrows(capsys, *words, code=1)[1]
    assert list(Path("runs").iterdir()) == []


def test_every_part_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "recipes", "--parts")
    assert found["penalty"]["l1"] == {"weight": 0.01}
    assert set(as_json(capsys, "recipes")) == set(RECIPES)


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


def test_compare_shows_the_curve_and_names_its_knee(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--recipes", "autoencoder,linear", "--latent-dims", "1,2,3", "--epochs", 2, "--quiet")
    found = as_json(capsys, "compare", "iris", *words)
    assert [(row["recipe"], row["latent_dim"]) for row in found["rows"]] == [
        (recipe, d) for recipe in ("autoencoder", "linear") for d in (1, 2, 3)
    ]
    single = as_json(capsys, "fit", "iris", "--latent-dim", 2, "--epochs", 2, "--quiet")["held_out"]
    assert found["rows"][1]["mse"] == single["mse"]
    assert found["rows"][1]["pca_mse"] == single["pca_mse"]
    assert found["knee"] in (1, 2, 3)
    page = Path(found["out"]).read_text()
    assert found["sentence"] in page
    assert "<script" not in page


# ── what clumsy and hostile hands have done ──────────────────────────────────────────────────────


def test_the_data_and_the_run_are_never_written_over(
    digits_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save("mine.npy", load("digits").values)
    before = Path("mine.npy").read_bytes()
    for out in ("mine.npy", "./mine.npy", digits_folder, digits_folder / "z.npy", ""):
        narrows(capsys, "reconstruct", digits_folder, "mine.npy", "-o", out, code=2)
    Path("folder.npy").mkdir()
    assert (
        "is a folder" in narrows(capsys, "encode", digits_folder, "mine.npy", "-o", "folder.npy", code=2)[1]
    )
    assert Path("mine.npy").read_bytes() == before
    assert {file.name for file in digits_folder.iterdir()} == {*FILES, "report.html"}


ODD = {
    "penalties.weight=0.5": "No penalty is called 'weight'",
    "penalties=l1": "PART.OPTION=VALUE",
    "bottleneck.latent_dim=abc": "must be a whole number",
    "bottleneck.latent_dim=true": "must be a whole number",
    "bottleneck.latent_dim=0": "at least 1",
    "encoder.name=null": "No network is called None",
    "encoder.widths=[1000000000000]": "cannot be built|would need",
    "encoder.widths=[200000,200000]": "would need",
    "training.clip=Infinity": "finite number",
    "training.learning_rate=" + "9" * 400: "finite number",
    "loss.name=[[[": "No loss is called",
}


@pytest.mark.parametrize("change", ODD, ids=[change[:30] for change in ODD])
def test_odd_options_are_one_sentence(change: str, capsys: pytest.CaptureFixture[str]) -> None:
    err = narrows(capsys, "fit", "iris", "--set", change, code=2)[1]
    assert re.search(ODD[change], err)
    assert len(err.splitlines()) == 1


def test_penalties_and_decoders_can_be_changed(capsys: pytest.CaptureFixture[str]) -> None:
    changes = ["--set", "penalties.l1=0.25", "--set", "encoder.widths=[9]", "--set", "decoder.widths=[7]"]
    found = as_json(capsys, "fit", "iris", *changes, *QUICK)
    spec = json.loads((Path(found["run"]) / "config.json").read_text())["spec"]
    assert spec["penalties"] == [{"name": "l1", "weight": 0.25}]
    assert spec["decoder"] == {"name": "mlp", "widths": [7]}


@pytest.mark.parametrize("seed", ["-1", "4294967296"])
def test_seeds_have_a_range(seed: str, digits_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "'seed'" in narrows(capsys, "fit", "iris", "--seed", seed, code=2)[1]
    assert "'seed'" in narrows(capsys, "sample", digits_folder, "-o", "a.npy", "--seed", seed, code=2)[1]


def test_an_output_that_cannot_be_written_is_found_before_training(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("file").write_text("")
    for out in ("file/run", "x" * 250):
        message = narrows(capsys, "fit", "iris", "--out", out, code=2)[1]
        assert "epoch" not in message


def test_a_report_of_an_edited_run_is_one_sentence(
    digits_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    digits_run.save(Path("a"))
    for name, text in (("metrics.json", "{}"), ("metrics.json", "[]"), ("history.jsonl", "")):
        kept = Path("a", name).read_text()
        Path("a", name).write_text(text)
        reseal(Path("a"))
        assert "is damaged" in narrows(capsys, "report", "a", code=2)[1]
        Path("a", name).write_text(kept)


def test_new_rows_may_lack_a_column_that_the_model_knows(capsys: pytest.CaptureFixture[str]) -> None:
    rows = np.random.default_rng(0).random((60, 3))
    Path("a.csv").write_text("a,b,c\n" + "\n".join(",".join(map(str, row)) for row in rows))
    run = as_json(capsys, "fit", "a.csv", *QUICK)["run"]
    Path("b.csv").write_text("a,b,c\n0.5,,0.5\n")
    narrows(capsys, "reconstruct", run, "b.csv", "-o", "r.csv")
    assert "nan" not in Path("r.csv").read_text()
