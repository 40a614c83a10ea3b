"""The data and the models that entries share, and their measures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from narrows.reproduce import Lab
from narrows.reproduce.lab import (
    QUICK,
    Brief,
    add_noise,
    class_mean_cross_entropy,
    flat,
    held_out_images,
    mean_image_error,
    mse,
    reconstruct_drawn,
    reconstruct_images,
)


def test_a_lab_trains_the_same_once() -> None:
    lab = Lab(quick=True)
    data = lab.first(lab.digits, 100)
    run = lab.fit("y1", data, epochs=1)
    assert lab.fit("y1", data, epochs=1) is run
    assert lab.fit("y1", data, epochs=1, latent_dim=2) is not run
    seen: list[int] = []
    lab.fit("y1", data, epochs=2, watch=lambda run, epoch: seen.append(epoch.number))
    assert seen == [1, 2]


def test_a_lab_reads_the_models_that_another_has_kept(tmp_path: Path) -> None:
    first, second = Lab(quick=True, folder=tmp_path), Lab(quick=True, folder=tmp_path)
    data = first.first(first.digits, 100)
    run, read = first.fit("y5", data, epochs=1), second.fit("y5", data, epochs=1)
    assert len(list(tmp_path.iterdir())) == 1
    assert read.history == run.history
    x = data.array[:5]
    np.testing.assert_array_equal(read.reconstruct_scaled(x), run.reconstruct_scaled(x))


def test_the_quick_table_needs_no_download() -> None:
    lab = Lab(quick=True)
    assert (lab.digits.name, lab.fashion.name) == ("glyphs", "glyph-letters")
    assert lab.digits is lab.digits


def test_an_error_is_the_mean_square_and_noise_stays_in_the_range() -> None:
    assert mse(np.array([1.0, 3.0]), np.array([1.0, 1.0])) == 2
    x = np.full((400, 8, 8), 0.5, dtype=np.float32)
    assert np.std(add_noise(x, 0.1)) == pytest.approx(0.1, rel=0.02)
    assert (add_noise(x, 3.0).min(), add_noise(x, 3.0).max()) == (0, 1)


def test_a_model_without_a_code_is_the_mean_image() -> None:
    lab = Lab(quick=True)
    x, mean = flat(lab.digits.held_out.array), flat(lab.digits.array).mean(axis=0)
    assert mean_image_error(lab.digits) == pytest.approx(((x - mean) ** 2).mean(), rel=1e-6)


def test_a_code_that_is_the_label_costs_its_logarithm_and_the_mean_image_of_the_class() -> None:
    lab = Lab(quick=True)
    data, test = lab.digits, lab.digits.held_out
    assert data.labels is not None
    assert test.labels is not None
    x, digit = flat(test.array)[0], test.labels[0]
    one = replace(data, test=test.rows(np.array([0])))
    p = np.clip(flat(data.array)[data.labels == digit].mean(axis=0), 1e-4, 1 - 1e-4)
    cost = functional.binary_cross_entropy(torch.as_tensor(p), torch.as_tensor(x), reduction="sum")
    assert class_mean_cross_entropy(one) == pytest.approx(float(cost) + np.log(10), rel=1e-4)


def test_codes_that_are_drawn_scatter_about_the_mean_and_leave_the_random_numbers_alone() -> None:
    lab = Lab(quick=True)
    data = lab.first(lab.digits, 100)
    vae, plain = lab.fit("y5", data, epochs=1), lab.fit("y1", data, epochs=1)
    x = held_out_images(data)[:4]
    torch.manual_seed(7)
    before = torch.get_rng_state()
    first, again, other = (reconstruct_drawn(vae, x, seed) for seed in (0, 0, 1))
    assert torch.equal(before, torch.get_rng_state())
    np.testing.assert_array_equal(first, again)
    assert mse(first, other) > 0
    np.testing.assert_allclose(reconstruct_drawn(plain, x), reconstruct_images(plain, x), atol=1e-6)


def test_the_quick_table_trains_systems_faster_unless_told_otherwise() -> None:
    lab = Lab(quick=True)
    data = lab.first(lab.digits, 40)
    trained = lab.fit("y6", data).config["training"]
    assert {name: trained[name] for name in Brief._fields} == QUICK["y6"]._asdict()
    slow = lab.fit("y1", data, overrides={"training": {"learning_rate": 1e-4}}).config["training"]
    assert (slow["epochs"], slow["learning_rate"]) == (QUICK["y1"].epochs, 1e-4)
    lab.quick = False
    assert lab.fit("y1", data, epochs=1).config["training"]["learning_rate"] == 1e-3


def test_systems_are_trained_with_three_seeds_and_with_one_in_the_quick_table() -> None:
    lab = Lab(quick=True, seed=4)
    data = lab.first(lab.digits, 60)
    assert [run.config["seed"] for run in lab.fit_seeds("y1", data, epochs=1)] == [4]
    lab.quick = False
    assert [run.config["seed"] for run in lab.fit_seeds("y1", data, epochs=1)] == [4, 5, 6]


def test_what_entries_share_is_computed_once_for_a_lab() -> None:
    def make(lab: Lab) -> list[int]:
        return [lab.seed]

    lab = Lab(quick=True, seed=7)
    assert lab.once(make) == [7]
    assert lab.once(make) is lab.once(make)
    assert lab.once(make) is not Lab(quick=True, seed=7).once(make)
