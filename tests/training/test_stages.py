"""Stages: layers one by one, and bottlenecks that are told what codes there are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.model.bottlenecks import BOTTLENECKS
from narrows.model.bottlenecks.plain import Plain
from narrows.model.build import Objective, build
from narrows.training.batches import Rows
from narrows.training.loop import train
from narrows.training.options import Training
from narrows.training.stages import plan
from tests.samples import curve


def objective_of(bottleneck: str = "plain", **encoder: Any) -> Objective:
    torch.manual_seed(0)
    spec = {
        "encoder": {"name": "mlp", "widths": [8, 5], "activation": "tanh", **encoder},
        "bottleneck": {"name": bottleneck, "latent_dim": 2},
        "loss": {"name": "squared"},
    }
    return build(spec, Domain((6,)))


ROWS = Rows(curve(64).astype("float32"), nn.Identity())


def weights(module: nn.Module) -> list[Tensor]:
    return [p.detach().clone() for p in module.parameters()]


def test_a_layer_is_trained_with_its_mirror_and_nothing_else_moves() -> None:
    objective = objective_of()
    stages = plan(objective, 20, 0.5)
    assert [(stage.name, stage.epochs) for stage in stages] == [("layer 1", 5), ("layer 2", 5), ("whole", 10)]
    model = objective.model
    pairs = [(model.encoder.layers[0], model.decoder.out), (model.encoder.layers[1], model.decoder.layers[1])]  # type: ignore[index, union-attr]
    for stage, pair in zip(stages, pairs, strict=False):
        assert {id(p) for p in stage.objective.parameters()} == {
            id(p) for half in pair for p in half.parameters()
        }


def test_the_cost_of_a_layer_is_the_error_of_what_it_is_given() -> None:
    objective = objective_of()
    first, second, _ = (stage.objective for stage in plan(objective, 20, 0.5))
    model, batch = objective.model, ROWS.batch(torch.arange(9))
    layers, out = model.encoder.layers, model.decoder.out  # type: ignore[union-attr]
    h = layers[0](batch.x)  # type: ignore[index, operator]
    error = (out(h) - batch.x).square().sum(1)  # type: ignore[operator]
    torch.testing.assert_close(first(batch).parts["reconstruction"].value[0], error)
    back = model.decoder.layers[1](layers[1](h))  # type: ignore[index, union-attr, operator]
    torch.testing.assert_close(second(batch).parts["reconstruction"].value[0], (back - h).square().sum(1))


def test_every_stage_goes_downhill_and_its_epochs_say_whose_they_are() -> None:
    history = [
        asdict(e)
        for e in train(objective_of(), ROWS, ROWS, Training(epochs=40, layerwise=0.5, batch_size=16))
    ]
    assert [epoch["number"] for epoch in history] == list(range(1, 41))
    for name in ("layer 1", "layer 2", "whole"):
        mine = [epoch["train"]["total"] for epoch in history if epoch["stage"] == name]
        assert mine[-1] < mine[0], name


def test_pretrained_weights_are_where_the_whole_begins() -> None:
    objective = objective_of()
    run = train(objective, ROWS, ROWS, Training(epochs=8, layerwise=0.5, batch_size=16))
    before = weights(objective.model.encoder)
    for _ in range(4):
        last = next(run)
    assert last.stage == "layer 2"
    after = weights(objective.model.encoder)
    assert all(not torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert torch.equal(*(weights(objective_of().model.bottleneck)[0], weights(objective.model.bottleneck)[0]))


def test_layers_of_tied_weights_are_trained_too() -> None:
    overrides = {
        "encoder": {"name": "mlp", "widths": [16, 8]},
        "decoder": {"tied": True},
        "training": {"epochs": 20},
    }
    run = fit(as_data(curve(200)), recipe="stacked", latent_dim=2, overrides=overrides)
    assert run.history[0]["stage"] == "layer 1"
    assert run.metrics["held_out"]["mse"] < run.metrics["held_out"]["mean_mse"]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"encoder": {"name": "linear"}, "decoder": {"name": "linear"}}, "is for the network 'mlp'"),
        ({"decoder": {"name": "mlp", "widths": [3]}}, "mirrors the encoder's widths"),
        ({"training": {"epochs": 2}}, "2 epochs are too few for 3 stages"),
    ],
)
def test_stages_that_cannot_be_are_refused(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fit(as_data(curve(100)), recipe="stacked", latent_dim=2, overrides=overrides)


class Counting(Plain):
    """Counts how often, and with what, it is settled."""

    pretrain = 0.5
    settled: list[Tensor]

    def settle(self, codes: Tensor) -> None:
        self.settled = [*getattr(self, "settled", []), codes]


def test_a_bottleneck_is_settled_once_with_codes_of_the_training_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(BOTTLENECKS, "counting", Counting)
    objective = objective_of("counting")
    codes = None
    for epoch in train(objective, ROWS, ROWS, Training(epochs=6, batch_size=16)):
        if epoch.number == 3:
            assert not hasattr(objective.model.bottleneck, "settled")
            codes = objective.model.eval().encode(ROWS.batch(torch.arange(64))).detach()
    (found,) = objective.model.bottleneck.settled  # type: ignore[misc]
    assert codes is not None
    torch.testing.assert_close(found.sort(0).values, codes.sort(0).values)


def test_the_last_weights_are_kept_when_they_are_wanted() -> None:
    how = {"epochs": 30, "keep": "last", "learning_rate": 0.05, "schedule": "constant"}
    run = fit(as_data(curve(60)), latent_dim=2, overrides={"training": how})
    assert len(run.history) == 30
    assert all(epoch["improved"] for epoch in run.history)


def test_batches_of_a_layer_may_miss_cells() -> None:
    objective = objective_of()
    stage = plan(objective, 20, 0.5)[0]
    x, mask = torch.randn(5, 6), torch.rand(5, 6) > 0.5
    first = stage.objective(Batch(x, mask)).total
    second = stage.objective(Batch(torch.where(mask, x, 9.0), mask)).total
    assert torch.equal(first, second)
