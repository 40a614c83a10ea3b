from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from narrows.core.records import Batch
from narrows.data.datasets import load
from narrows.doctor.case import DataCase
from narrows.model.build import Objective, build
from narrows.model.recipes import RECIPES
from narrows.training.batches import Rows
from narrows.training.step_memory import Allocations, step_memory
from tests.training.setting import SPEC, setting


def allocated(objective: Objective, batch: Batch) -> int:
    """The peak of a step that is computed."""
    objective.train()
    objective.zero_grad(set_to_none=True)
    with Allocations() as found:
        objective(batch).total.backward()
    return found.peak


def case(recipe: str) -> tuple[DataCase, Rows]:
    found = DataCase(load("digits"), recipe)
    return found, Rows(found.parts.arranged, found.choice.scaling, collate=found.data.schema.collate)


@pytest.mark.parametrize("recipe", ["autoencoder", "linear", "contractive", "vae", "p1", "inpainting"])
def test_a_step_that_is_not_computed_counts_as_one_that_is(recipe: str) -> None:
    found, rows = case(recipe)
    few = rows.batch(torch.arange(4))
    counted = step_memory(lambda: build(found.spec, found.domain), few, 64)
    assert counted == pytest.approx(allocated(found.objective, rows.batch(torch.arange(64))), rel=5e-3)


@pytest.mark.parametrize("recipe", ["vq-vae", "mixture-vae"])
def test_a_step_that_depends_on_values_is_computed_for_few_examples(recipe: str) -> None:
    """Restarts of unused entries and the start of clusters look at values."""
    found, rows = case(recipe)
    before = copy.deepcopy(found.objective.state_dict())
    few = rows.batch(torch.arange(4))
    state = torch.get_rng_state()
    counted = step_memory(lambda: found.objective, few, 64)
    assert torch.equal(torch.get_rng_state(), state)
    for now, then in zip(found.objective.state_dict().values(), before.values(), strict=True):
        assert torch.equal(now, then)
    assert counted == pytest.approx(allocated(found.objective, rows.batch(torch.arange(64))), rel=0.25)


def test_activations_grow_with_the_batch_and_gradients_of_weights_do_not() -> None:
    """Two layers of 6 to 16 to 2 and back: 282 weights, of which a step holds the gradients."""
    objective, rows = setting()
    few = rows.batch(torch.arange(4))
    one, hundred, thousand = (step_memory(lambda: objective, few, n) for n in (1, 100, 1000))
    weights = 4 * sum(each.numel() for each in objective.parameters())
    assert weights < one < hundred < thousand
    assert (thousand - hundred) / 900 == pytest.approx((hundred - one) / 99, rel=0.2)
    assert step_memory(lambda: objective, few, 1000, trained=False) < thousand


def test_a_module_in_training_mode_stays_in_it() -> None:
    objective, rows = setting(spec={**SPEC, "bottleneck": {"name": "gaussian", "latent_dim": 2}})
    for mode in (True, False):
        objective.train(mode)
        step_memory(lambda: objective, rows.batch(torch.arange(4)), 8)
        assert objective.training is mode


def test_what_is_freed_does_not_count() -> None:
    x = torch.zeros(1000)
    with Allocations() as found:
        for _ in range(5):
            x = nn.functional.relu(x) + 1
    assert found.peak == 3 * 4000
    assert found.now <= 2 * 4000


def test_every_recipe_can_be_measured() -> None:
    data = load("wine")
    for recipe in RECIPES:
        try:
            found = DataCase(data, recipe)
            objective = found.objective
        except ValueError:
            continue
        rows = Rows(found.parts.arranged, found.choice.scaling, collate=data.schema.collate)
        assert step_memory(lambda objective=objective: objective, rows.batch(torch.arange(4)), 32) > 0
