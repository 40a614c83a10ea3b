"""What a fitted model shows beside its error, on cases whose answer is known."""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.distributions import Normal, kl_divergence

from narrows.core.records import masked
from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.evaluation import diagnostics
from narrows.evaluation.diagnostics import (
    carried,
    dead_units,
    detail,
    drawn,
    excess,
    noise_passed,
    residual,
    steps,
    used,
)
from narrows.evaluation.errors import Errors
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled
from tests.samples import DIGITS, curve


def made(squared: np.ndarray, values: float = 4.0) -> Errors:
    return Errors(np.asarray(squared, dtype=float), np.full(len(squared), values))


def test_rows_are_drawn_in_order_and_the_same_each_time() -> None:
    found = drawn(1000, 50)
    assert len(set(found)) == 50
    assert (np.diff(found) > 0).all()
    np.testing.assert_array_equal(found, drawn(1000, 50))
    np.testing.assert_array_equal(drawn(20, 50), np.arange(20))


def test_the_excess_is_the_ratio_of_mean_errors_with_its_lower_end() -> None:
    """Half of the errors are 0 and half 2: their mean is 1, and its standard error 1 / √n."""
    even = np.tile([0.0, 8.0], 50)
    ratio, least = excess(made(3 * even), made(even))
    assert ratio == pytest.approx(3)
    assert least == pytest.approx(3 * math.exp(-1.645 * math.sqrt(2 / 100)))
    assert excess(made(np.full(50, 6.0)), made(np.full(50, 4.0))) == pytest.approx([1.5, 1.5])
    assert excess(made(np.full(50, 8.0), 4), made(np.full(50, 4.0), 2)) == pytest.approx([1, 1])


def test_a_unit_that_never_changes_is_dead(digits_run: Run) -> None:
    objective = copy.deepcopy(digits_run.objective)
    run = replace(digits_run, objective=objective)
    before = dead_units(run, run.scaler.prepare(DIGITS[:300]))
    assert [layer[1] for layer in before] == [256, 128, 4]
    with torch.no_grad():
        for layer, units in (
            (objective.model.encoder.layers[1][0], 5),
            (objective.model.bottleneck.project, 1),
        ):  # type: ignore[index, union-attr]
            layer.weight[:units] = 0
    after = dead_units(run, run.scaler.prepare(DIGITS[:300]))
    assert [b[0] - a[0] for a, b in zip(before, after, strict=True)] == [0, 5, 1]


def test_of_n_values_a_projection_passes_the_share_of_its_dimensions() -> None:
    run = fit(as_data(curve(300)), recipe="linear", latent_dim=2, overrides={"training": {"epochs": 60}})
    weight = run.model.decoder.project.weight @ run.model.bottleneck.project.weight  # type: ignore[union-attr, operator]
    rows = np.repeat(curve(300), 10, axis=0)
    assert noise_passed(run, run.scaler.prepare(rows)) == pytest.approx(
        float(weight.detach().trace()) / 6, abs=0.02
    )
    assert noise_passed(run, run.scaler.prepare(rows)) == pytest.approx(2 / 6, abs=0.07)


def test_noise_is_added_to_observed_values_alone() -> None:
    """A model that copies its input passes all noise, however much is missing."""
    x = np.random.default_rng(0).standard_normal((50, 6)).astype(np.float32)
    x[x < 0] = np.nan
    batch = masked(torch.as_tensor(x), complete=False)
    copying = SimpleNamespace(reconstruct=lambda batch: batch.x)
    run = SimpleNamespace(apply=lambda rows, use: use(copying, batch).numpy())
    assert noise_passed(run, SimpleNamespace(flat=x)) == pytest.approx(1)  # type: ignore[arg-type]


def test_the_residual_s_direction_and_share_are_found() -> None:
    rng = np.random.default_rng(0)
    direction = np.array([3.0, 0.0, 4.0]) / 5
    along = 2 * rng.standard_normal((2000, 1)) * direction
    noise = 0.1 * rng.standard_normal((2000, 3))
    found, seen = residual((along + noise).astype(np.float32), noise.astype(np.float32))
    np.testing.assert_allclose(np.abs(seen), direction, atol=0.01)
    assert found.ours == pytest.approx(4.01, rel=0.08)
    assert found.pca == pytest.approx(0.01, rel=0.15)
    assert found.share == pytest.approx(4.01 / 4.03, abs=0.005)
    holes = np.where(rng.random((2000, 3)) < 0.1, np.nan, along)
    assert np.isfinite(residual(holes, noise)[1]).all()


def test_steps_are_the_squared_differences_of_neighbours() -> None:
    assert steps(np.array([[[[1.0, 3.0], [0.0, 0.0]]]]), 2) == 4 + 0 + 1 + 9
    assert steps(np.array([[[1.0, 3.0, 0.0]]]), 1) == 4 + 9


def test_detail_is_kept_by_the_image_itself_and_lost_by_a_blur() -> None:
    rng = np.random.default_rng(0)
    x = rng.random((40, 1, 16, 16))
    blurred = (x + np.roll(x, 1, 2) + np.roll(x, 1, 3)) / 3
    found = detail(x, x, blurred, 2)
    assert found.ours == 1
    assert found.pca < 0.6
    white = detail(x, x + 0.1 * rng.standard_normal(x.shape), x, 2).smooth
    shifted = detail(x, x + 0.1 * rng.standard_normal((40, 1, 1, 1)), None, 2).smooth
    assert abs(white) < 0.05
    assert shifted == pytest.approx(1, abs=1e-6)


def test_what_a_number_of_the_code_carries_is_torchs_divergence_and_none_if_it_never_changes(
    vae_run: Run,
) -> None:
    objective = copy.deepcopy(vae_run.objective)
    run = replace(vae_run, objective=objective)
    bottleneck = objective.model.bottleneck
    with torch.no_grad():
        for head in [m for m in bottleneck.modules() if isinstance(m, nn.Linear)]:
            head.weight[:3] *= 5  # of the means
            head.weight[1::3] = 0
    found = carried(run, run.scaler.prepare(DIGITS[:500]))
    x = torch.as_tensor(run.scaled(DIGITS[:500])).reshape(-1, 1, 8, 8)
    with torch.no_grad():
        mean, log_var, _ = bottleneck.posterior(objective.model.encoder(x, {}))  # type: ignore[operator]
        mean, log_var = mean.double(), log_var.double()
    overall = mean.var(0, correction=0) + log_var.exp().mean(0)
    divergence = kl_divergence(Normal(mean, (log_var / 2).exp()), Normal(mean.mean(0), overall.sqrt()))
    np.testing.assert_allclose(found, divergence.mean(0), rtol=1e-4, atol=1e-6)
    assert found[1] == pytest.approx(0, abs=1e-6)
    assert min(found[0], found[2]) > 0.05


def test_only_distributions_carry_nats_and_only_codebooks_count_choices(digits_run: Run) -> None:
    rows = digits_run.scaler.prepare(DIGITS[:10])
    assert carried(digits_run, rows) is used(digits_run, rows) is None


def test_every_choice_is_counted() -> None:
    data = load("digits").rows(np.arange(200))
    how = {"bottleneck": {"entries": 16}, "training": {"epochs": 1}}
    run = fit(data, recipe="vq-vae", latent_dim=8, overrides=how)
    counts = used(run, run.scaler.prepare(data.array))
    words = run.model.bottleneck(
        run.model.encoder(torch.as_tensor(run.scaled(data.array)).reshape(-1, 1, 8, 8), {}), {}, sample=False
    ).index
    np.testing.assert_array_equal(counts, np.bincount(words.flatten(), minlength=16))
    assert counts.sum() == words.numel()


def test_of_large_examples_fewer_training_rows_are_measured(
    digits_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class MeasuredError(Exception):
        pass

    def stop(run: Run, some: Scaled, pca: None) -> None:
        raise MeasuredError(len(some))

    monkeypatch.setattr(diagnostics, "NUMBERS", 64 * 30)
    monkeypatch.setattr(diagnostics, "compared", stop)
    rows = digits_run.scaler.prepare(load("digits").array[:100])
    with pytest.raises(MeasuredError, match="31"):
        diagnostics.measure(digits_run, rows, rows, None, Errors(np.ones(100), np.ones(100)))


def test_missing_values_have_no_detail() -> None:
    x = np.random.default_rng(0).normal(size=(5, 2, 30))
    whole = detail(x[..., :20], 0.5 * x[..., :20], x[..., :20], 1)
    ended = x.copy()
    ended[..., 20:] = np.nan
    assert detail(ended, 0.5 * x, x, 1) == pytest.approx(whole)
