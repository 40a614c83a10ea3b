from __future__ import annotations

import html
import json
import re
from pathlib import Path

import numpy as np
import pytest

from narrows.data.lattice import lattice
from narrows.model.lecture_recipes import LECTURES
from narrows.model.recipes import COMPRESSION, FRAMES, FROM_NOISE, GRAPHS, RECIPES, RESTORATIONS, SEQUENTIAL
from narrows.runs.folder import FILES
from narrows.training import progress
from tests.commands import as_json, narrows
from tests.samples import curve, shapes

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
    assert (
        found["verdict"]
        == json.loads((Path(found["run"]) / "metrics.json").read_text())["verdict"]["outcome"]
    )
    assert {file.name for file in Path(found["run"]).iterdir()} == {*FILES, "report.html", "README.md"}
    again = as_json(capsys, "fit", "digits", "--latent-dim", 3, "--epochs", 2, "--seed", 1, "--quiet")
    assert again["run"] == found["run"] + "-2"
    assert again["held_out"] == found["held_out"]


def test_each_verdict_is_printed_and_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """PCA is beaten on a curved line, not by a linear model of one epoch; and twelve rows tell nothing."""
    np.save("line.npy", curve(900))
    np.save("short.npy", curve(60))
    for words, outcome in (
        (("line.npy", "--latent-dim", 1, "--epochs", 40), "beats"),
        (("line.npy", "--recipe", "linear", "--latent-dim", 5, "--epochs", 1), "does not beat"),
        (("short.npy", "--epochs", 1), "cannot tell"),
    ):
        found = as_json(capsys, "fit", *words, "--quiet", "--out", outcome)
        assert found["verdict"] == outcome
        sentence = json.loads(Path(outcome, "metrics.json").read_text())["verdict"]["sentence"]
        assert sentence.lower().startswith(outcome)
        assert sentence.split(" (")[0] in html.unescape(Path(outcome, "report.html").read_text("utf-8"))
        low, high = found["held_out"]["ratio_ci95"]
        assert outcome == "cannot tell" or (high < 1, low > 1) == (outcome == "beats", outcome != "beats")


def test_progress_is_one_plain_line_per_epoch_with_the_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PATIENCE", "INTERVAL"):
        monkeypatch.setattr(progress, name, 3600.0)  # no step is long, however busy the machine is
    out, err = narrows(capsys, "fit", "iris", "--epochs", 3)
    epochs = [line for line in err.splitlines() if line.startswith("epoch")]
    assert [line.split()[1] for line in epochs] == ["1/3", "2/3", "3/3"]
    assert [line.endswith("s left") for line in epochs] == [True, True, False]
    others = [line.split()[0] for line in err.splitlines() if line not in epochs]
    assert others == ["engine:", "verdict:", "writing"]
    assert len(out.splitlines()) == 2


OTHERS = (*LECTURES, *RESTORATIONS, *COMPRESSION, *FROM_NOISE, *SEQUENTIAL, *FRAMES, *GRAPHS, "lossless")
"""Recipes that are not for real numbers of every kind."""


@pytest.mark.usefixtures("few_digits")
@pytest.mark.parametrize("recipe", [name for name in RECIPES if name not in OTHERS])
def test_every_recipe_fits_tables_and_images(recipe: str, capsys: pytest.CaptureFixture[str]) -> None:
    for data in ("iris", "digits"):
        found = as_json(capsys, "fit", data, "--recipe", recipe, "--epochs", 6, "--quiet")
        assert found["recipe"] == recipe


def test_lossless_is_for_tables_and_images_on_a_regular_grid(capsys: pytest.CaptureFixture[str]) -> None:
    values = np.random.default_rng(0).integers(0, 256, (120, 12, 10))
    np.save("whole.npy", values.astype(np.uint8))
    np.save("halves.npy", values + 0.5)
    np.save("real.npy", np.sin(values))
    chosen = ("--recipe", "lossless", "--epochs", 2, "--quiet")
    for data in ("iris", "whole.npy", "halves.npy"):
        assert as_json(capsys, "fit", data, *chosen)["recipe"] == "lossless"
    assert "one grid of up to 65,536 steps" in narrows(capsys, "fit", "real.npy", *chosen, code=2)[1]


@pytest.mark.parametrize("recipe", LECTURES)
def test_every_lectures_recipe_fits_images(recipe: str, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    np.save("x.npy", rng.random((120, 12, 10)).astype(np.float32))
    assert as_json(capsys, "fit", "x.npy", "--recipe", recipe, "--epochs", 8, "--quiet")["recipe"] == recipe


@pytest.mark.parametrize("recipe", SEQUENTIAL)
def test_recipes_for_sequences_refuse_other_data(recipe: str, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    np.save("x.npy", np.sin(6 * rng.random((60, 1)) + np.arange(9)))
    chosen = ("fit", "x.npy", "--recipe", recipe, "--latent-dim", 2, "--epochs", 2, "--quiet")
    assert as_json(capsys, *chosen, "--kind", "sequences")["recipe"] == recipe
    assert "is for sequences, not for data of shape" in narrows(capsys, *chosen, "--kind", "table", code=2)[1]


def test_p4_shows_noisy_images_every_second_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", np.random.default_rng(0).random((120, 12, 12)).astype(np.float32))
    run = Path(as_json(capsys, "fit", "x.npy", "--recipe", "P4", "--epochs", 5, "--quiet")["run"])
    assert run.name == "x-p4"
    page = (run / "report.html").read_text("utf-8")
    assert re.findall(r"After epoch (\d+)", page) == ["2", "4", "5"]
    assert (run / "model.safetensors").exists()


def test_softmax_regression_is_no_autoencoder(capsys: pytest.CaptureFixture[str]) -> None:
    message = narrows(capsys, "fit", "digits", "--recipe", "P6", code=2)[1]
    assert "a classifier" in message
    assert "`narrows reproduce P6`" in message


def test_what_was_set_is_what_was_built(capsys: pytest.CaptureFixture[str]) -> None:
    changes = ["--set", "bottleneck.beta=3", "--set", "encoder.widths=[9,8]", "--set", "corruption.name=mask"]
    found = as_json(capsys, "fit", "iris", "--recipe", "vae", *changes, *QUICK)
    spec = json.loads((Path(found["run"]) / "config.json").read_text())["spec"]
    assert spec["bottleneck"]["beta"] == 3
    assert spec["encoder"]["widths"] == [9, 8]
    assert spec["corruption"] == {"name": "mask"}


def test_a_run_is_not_written_over(digits_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "exists already" in narrows(capsys, "fit", "iris", "--out", digits_folder, code=2)[1]


def test_a_training_that_breaks_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("fit", "iris", "--set", "training.learning_rate=1e30", "--set", "training.clip=0", "--quiet")
    assert "not finite" in narrows(capsys, *words, code=1)[1]
    assert list(Path("runs").iterdir()) == []


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
    "pose.name=found": "found of images",
    "pose.turn=true": "no option 'turn'",
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


def test_an_output_that_cannot_be_written_is_found_before_training(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("file").write_text("")
    for out in ("file/run", "x" * 250):
        message = narrows(capsys, "fit", "iris", "--out", out, code=2)[1]
        assert "epoch" not in message


def test_a_target_is_what_noisy_data_are_restored_to(capsys: pytest.CaptureFixture[str]) -> None:
    clean = shapes(48, 40, 12).astype(np.float32)
    noisy = clean + np.random.default_rng(0).normal(0, 0.2, clean.shape).astype(np.float32)
    np.save("noisy.npy", noisy)
    np.save("clean.npy", clean)
    how = ("--patch", 16, "--set", "encoder.widths=[8]", "--set", "encoder.blocks=1", *QUICK)
    found = as_json(capsys, "fit", "noisy.npy", "--target", "clean.npy", *how)
    assert (found["recipe"], Path(found["run"]).name) == ("denoising", "noisy-denoising")
    config = json.loads(Path(found["run"], "config.json").read_text())
    assert config["pairs"]
    assert config["spec"]["corruption"] == {"name": "none"}
    assert "the noisy input" in found["held_out"]["restoration"]["mse"]
    for verb in (["denoise", found["run"], "noisy.npy"], ["reconstruct", found["run"], "noisy.npy"]):
        narrows(capsys, *verb, "-o", f"{verb[0]}.npy", "--quiet")
        assert np.load(f"{verb[0]}.npy").shape == noisy.shape
    again = as_json(
        capsys, "fit", "noisy.npy", "--target", "clean.npy", *how, "--out", found["run"], "--resume"
    )
    assert again["held_out"] == found["held_out"]
    np.save("noisy.npy", noisy + 0.1)
    _, err = narrows(
        capsys, "fit", "noisy.npy", "--target", "clean.npy", *how, "--out", found["run"], "--resume", code=2
    )
    assert "other data or choices" in err
    added = as_json(capsys, "fit", "noisy.npy", "--target", "clean.npy", *how, "--set", "corruption.std=0.05")
    added = json.loads(Path(added["run"], "config.json").read_text())
    assert added["spec"]["corruption"]["std"] == 0.05


def test_frames_of_a_movie_are_targets_of_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    made = lattice(n=5, size=64, dose=3, drift=3, frames=True, seed=1)
    np.save("frames.npy", made.noisy.astype(np.float32))
    how = ("--patch", 16, "--set", "encoder.widths=[8]", "--set", "encoder.blocks=1", *QUICK)
    found = as_json(capsys, "fit", "frames.npy", "--recipe", "noise2noise", *how)
    config = json.loads(Path(found["run"], "config.json").read_text())
    assert config["pairs"]
    assert config["exchanged"]
    assert config["reading"]["patch"] == 16
    assert any(note.startswith("Drift up to") for note in config["why"])
    assert "contain the noise of these, which is the same for all methods" in found["sentence"]
    restored = found["held_out"]["restoration"]
    assert restored["noise"] == pytest.approx(restored["mse"]["the noisy input"] / 2)
    page = Path(found["run"], "report.html").read_text("utf-8")
    assert "compared with the frames beside them" in page
    assert "the frames beside them" in Path(found["run"], "README.md").read_text("utf-8")
    narrows(capsys, "denoise", found["run"], "frames.npy", "-o", "clean.npy", "--quiet")
    assert np.load("clean.npy").shape == (5, 64, 64)
    for words, said in (
        (("fit", "frames.npy", "--recipe", "noise2noise", "--target", "frames.npy"), "leave --target out"),
        (("compare", "frames.npy", "--recipes", "noise2noise"), "learns from neighbouring frames"),
        (("fit", "iris", "--recipe", "noise2noise"), "iris is read as table"),
    ):
        assert said in narrows(capsys, *words, code=2)[1]
