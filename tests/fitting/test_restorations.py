from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from narrows.data.examples import Data
from narrows.data.kinds import describe
from narrows.data.schema import Array
from narrows.data.sources import InMemory
from narrows.doctor.runs import examine
from narrows.evaluation.errors import errors
from narrows.evaluation.restored import OURS
from narrows.evaluation.verdict import Verdict
from narrows.fitting.fit import fit
from narrows.fitting.parts import split_data
from narrows.fitting.restorations import methods, peak, restorations, within_range
from narrows.report import documents
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled
from tests.samples import shapes

SMALL = {"encoder": {"widths": [8], "blocks": 1}}


def coloured(n: int = 160) -> Data:
    """Shapes in grey or, half of them, in a colour that cannot be told from the shape."""
    grey = shapes(16, 16, n, 1).reshape(n, 16, 16, 1)
    tint = np.random.default_rng(0).choice([0.5, 1.0], (n, 1, 1, 3))
    values = (255 * np.clip(grey * tint, 0, 1)).astype(np.uint8)
    return Data(InMemory(values), describe(values, "images"), "shapes")


def fitted(recipe: str, epochs: int = 1, **changes: Any) -> Run:
    return fit(coloured(), recipe=recipe, overrides={**SMALL, "training": {"epochs": epochs}, **changes})


def held_out(run: Run) -> tuple[Array, Array, Array]:
    """The held-out rows, the same damaged, and what the model makes of them."""
    rows = run.scaler.prepare(split_data(coloured(), seed=0).held_out.array)
    return rows.flat, run.corrupted(rows), within_range(run, run.restored(rows))


def test_the_verdict_is_against_the_untouched_image_and_every_method() -> None:
    run = fitted("watermark-removal")
    x, damaged, ours = held_out(run)
    found = Verdict.from_metrics(run.metrics)
    assert found.restoration is not None
    mse = found.restoration.mse
    assert mse["the untouched input"] == pytest.approx(errors(x, damaged).mse * run.scaling.unit)
    assert mse[OURS] == found.mse == pytest.approx(errors(x, ours).mse * run.scaling.unit)
    assert mse.keys() == {"the untouched input", "a median filter", "the best linear filter", OURS}
    assert found.yardstick_mse == min(value for name, value in mse.items() if name != OURS)


def test_a_model_that_makes_images_worse_is_red_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    """After one epoch of a learning rate of 0 the network adds noise to every image."""
    run = fitted("watermark-removal", training={"epochs": 1, "learning_rate": 0.0})
    outcome, sentence = (run.metrics["verdict"][key] for key in ("outcome", "sentence"))
    assert outcome == "does not beat"
    assert sentence.startswith("Does not beat ")
    (worse,) = [finding for finding in examine(run) if finding.name == "worse than a simpler method"]
    assert worse.advice.startswith(f"Take {run.metrics['held_out']['yardstick']}, or train longer")
    page, card = (documents(run)[name] for name in ("report.html", "README.md"))
    assert 'class="verdict does-not-beat"' in page
    for name in run.metrics["held_out"]["restoration"]["mse"]:
        assert name in page
        assert f"| {name} |" in card


def test_a_model_with_a_code_is_judged_by_what_it_restores_if_that_is_its_purpose() -> None:
    direct = {"output": {"name": "direct"}, "bottleneck": {"latent_dim": 4, "project": "linear"}}
    run = fitted("inpainting", **direct, encoder={"name": "mlp", "widths": [16]})
    assert run.metrics["held_out"]["yardstick"] in run.metrics["held_out"]["restoration"]["mse"]
    noisy = fit(coloured(), recipe="denoising", overrides={"training": {"epochs": 1}})
    assert "restoration" not in noisy.metrics["held_out"]


def test_what_is_certain_is_kept() -> None:
    run = fitted("inpainting")
    x, damaged, ours = held_out(run)
    known = damaged.reshape(len(x), 3, -1).any(axis=1, keepdims=True).repeat(3, axis=1).reshape(x.shape)
    np.testing.assert_allclose(ours[known], x[known], atol=1e-6)


def test_every_method_is_fitted_to_training_rows() -> None:
    run = fitted("colouring")
    train = run.scaler.prepare(coloured().array[:50])
    assert list(methods(run, train)) == ["the mean colour of each grey level", "the best linear filter"]
    assert peak(run) == pytest.approx(run.scaling.high - run.scaling.low)


@pytest.mark.parametrize(
    ("damage", "wanted"),
    [
        (lambda x, rng: np.where(rng.random(x.shape) < 0.05, 9.0, x), "a median filter"),
        (lambda x, rng: 5 - 3 * x, "the best linear filter"),
    ],
)
def test_the_yardstick_of_pairs_is_the_method_that_undoes_their_damage(damage: Any, wanted: str) -> None:
    clean = shapes(16, 16, 60).astype(np.float32)[:, None]
    noisy = damage(clean, np.random.default_rng(0)).astype(np.float32)
    schema: Any = SimpleNamespace(model_shape=clean.shape[1:], spatial=2, starts=None, has_pca=True)
    run: Any = SimpleNamespace(
        schema=schema,
        corrupted=lambda rows: rows.given.reshape(len(rows), -1),
        config={"pairs": True},
        objective=SimpleNamespace(corruption=None),
        scaling=SimpleNamespace(low=0.0, high=float(clean.max())),
        ends=lambda x: (-np.inf, np.inf),
        blind=False,
        wanted=lambda rows: rows.flat,
    )
    flat = [each.reshape(len(each), -1) for each in (clean, noisy, np.zeros_like(clean))]
    found, best = restorations(run, Scaled(clean, schema, noisy), *flat)
    assert found.strongest == wanted
    assert errors(flat[0], best).mse == found.others[found.strongest].mse


def test_images_with_poisson_noise_are_compared_with_filters_of_noise() -> None:
    run = fitted("watermark-removal", corruption={"name": "poisson", "dose": 20.0})
    found = Verdict.from_metrics(run.metrics).restoration
    assert found is not None
    noise = {"the noisy input", "a Gaussian filter", "a median filter", "the best linear filter"}
    assert found.mse.keys() == {*noise, OURS}
    x, damaged, _ = held_out(run)
    # The variance of a count is its mean; the dose is counted at the mean of the training part.
    gain = x.mean() / 20
    assert ((damaged - x) ** 2).mean() == pytest.approx(gain * x.mean(), rel=0.15)


def test_a_model_of_noisy_images_alone_is_judged_by_values_that_nothing_was_given() -> None:
    rng = np.random.default_rng(0)
    clean = gaussian_filter(rng.normal(size=(140, 24, 24)), (0, 2, 2))
    noisy = (clean / clean.std() + rng.normal(size=clean.shape)).astype(np.float32)
    data = Data(InMemory(noisy), describe(noisy, "images"), "smooth")
    run = fit(data, recipe="self-supervised", overrides={**SMALL, "training": {"epochs": 12}})
    rows = run.scaler.prepare(split_data(data, seed=0).held_out.array)
    wanted, seen = run.wanted(rows), run.corrupted(rows)
    assert 0.05 < np.isfinite(wanted).mean() < 0.15
    assert np.array_equal(np.isfinite(wanted), seen != rows.flat)
    counted = np.isfinite(wanted)
    found = Verdict.from_metrics(run.metrics)
    assert found.restoration is not None
    each = (run.restored(rows)[counted] - rows.flat[counted]) ** 2
    assert found.mse == pytest.approx(each.mean() * run.scaling.unit, rel=1e-5)
    # The noise, of a variance of 1 in the data, is in every error; a few hundred values are left to chance.
    one = float((run.scaled(noisy[:1] + 1) - run.scaled(noisy[:1])).mean())
    noise = run.scaling.unit * one**2
    assert all(value > 0.9 * noise for value in found.restoration.mse.values())
    assert "against noisy values that no method was given" in found.sentence
    assert "the best linear filter" not in found.restoration.mse
    strong = found.restoration.mse["linear prediction from the pixels around"]
    assert strong < found.restoration.mse["what replaces hidden pixels"]


def test_a_recorrupted_model_is_judged_by_another_noisy_copy() -> None:
    noisy = np.random.default_rng(0).normal(size=(60, 16, 16)).astype(np.float32)
    data = Data(InMemory(noisy), describe(noisy, "images"), "noise")
    change = {"name": "recorrupted", "std": 0.1, "alpha": 0.5}
    run = fit(
        data, recipe="self-supervised", overrides={**SMALL, "corruption": change, "training": {"epochs": 1}}
    )
    rows = run.scaler.prepare(split_data(data, seed=0).held_out.array)
    added = run.wanted(rows) - rows.flat
    np.testing.assert_allclose(added, -(run.corrupted(rows) - rows.flat) / 0.5**2, atol=1e-5)
    assert added.std() == pytest.approx(0.1 / 0.5, rel=0.05)


def test_a_thinned_model_is_judged_by_the_counts_that_it_did_not_see() -> None:
    counts = np.random.default_rng(0).poisson(6.0, (60, 16, 16)).astype(np.uint16)
    data = Data(InMemory(counts), describe(counts, "images"), "counts")
    change = {"name": "thinned", "share": 0.75, "share_low": 0.75}
    run = fit(
        data, recipe="self-supervised", overrides={**SMALL, "corruption": change, "training": {"epochs": 1}}
    )
    rows = run.scaler.prepare(split_data(data, seed=0).held_out.array)
    wanted, seen = run.wanted(rows), run.corrupted(rows)
    np.testing.assert_allclose(0.75 * seen + 0.25 * wanted, rows.flat, atol=1e-5)
    assert abs(np.corrcoef(wanted.ravel(), seen.ravel())[0, 1]) < 0.06
    assert "at least 20 are needed; as measured, " in Verdict.from_metrics(run.metrics).sentence
