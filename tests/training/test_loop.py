from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from narrows.core.errors import TrainingError
from narrows.core.records import Batch, Domain
from narrows.data.readers import as_data
from narrows.fitting import fit as fitting
from narrows.fitting.fit import fit
from narrows.model.build import build
from narrows.training.batches import Rows
from narrows.training.loop import Clip, Epoch, Training, evaluate, make_optimizer, make_schedule, train
from tests.conftest import curve

SPEC = {
    "encoder": {"name": "mlp", "widths": [16]},
    "bottleneck": {"name": "plain", "latent_dim": 2},
    "loss": {"name": "squared"},
}


def setting(n: int = 40, spec: dict[str, Any] | None = None):  # type: ignore[no-untyped-def]
    from narrows.data.scaling import choose

    data = as_data(curve(n))
    scaling = choose(data.values, data.schema).scaling
    torch.manual_seed(0)
    return build(spec or SPEC, scaling.domain(data.schema)), Rows(data.values, scaling)


@pytest.mark.parametrize("n", [1, 2, 9, 16, 17, 33])
def test_any_number_of_rows_trains(n: int) -> None:
    objective, rows = setting(33)
    few = Rows(rows.values[:n].numpy(), rows.scaling)
    epochs = list(train(objective, few, few, Training(epochs=3, batch_size=16)))
    assert len(epochs) == 3
    assert all(np.isfinite(epoch.train["total"]) for epoch in epochs)


def test_a_record_holds_means_over_examples_of_unweighted_costs() -> None:
    spec = {**SPEC, "bottleneck": {"name": "gaussian", "latent_dim": 2, "beta": 3.0}}
    objective, rows = setting(40, spec)
    found = evaluate(objective, rows, batch_size=7)
    torch.manual_seed(0)
    with torch.no_grad():
        total = sum(found[name] * weight for name, weight in (("reconstruction", 1), ("kl", 3)))
    assert found["total"] == pytest.approx(total, rel=1e-5)
    codes = objective.model.bottleneck.posterior(objective.model.encoder(rows.batch(torch.arange(40)).x, {}))
    mean, log_var, _ = codes
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(1).mean()
    assert found["kl"] == pytest.approx(kl.item(), rel=1e-5)


def test_validation_neither_trains_nor_disturbs_the_training() -> None:
    """A training that is validated on other rows takes just the same steps."""
    weights = []
    for n in (5, 40):
        objective, rows = setting(spec={**SPEC, "corruption": {"name": "gaussian"}})
        torch.manual_seed(1)
        list(train(objective, rows, Rows(rows.values[:n].numpy(), rows.scaling), Training(epochs=3)))
        weights.append(torch.cat([p.flatten() for p in objective.parameters()]))
    assert torch.equal(*weights)


def test_the_same_seed_gives_the_same_run_and_leaves_the_generator_alone() -> None:
    data = as_data(curve(120))
    torch.manual_seed(5)
    before = torch.get_rng_state()
    runs = [
        fit(data, recipe="denoising-vae", overrides={"training": {"epochs": 3}}, seed=s) for s in (1, 1, 2)
    ]
    assert torch.equal(torch.get_rng_state(), before)
    first, second, other = (torch.cat([v.flatten() for v in run.weights.values()]) for run in runs)
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_the_best_weights_are_kept_and_training_stops_early() -> None:
    data = as_data(np.random.default_rng(0).standard_normal((60, 8)))
    run = fit(
        data, latent_dim=7, overrides={"training": {"epochs": 80, "patience": 5, "schedule": "constant"}}
    )
    totals = [epoch["validation"]["total"] for epoch in run.history]
    best = int(np.argmin(totals))
    assert len(totals) == best + 1 + 5
    parts = fitting.split(60, seed=0)
    rows = Rows(data.values[parts.validation], run.scaling)
    assert evaluate(run.objective, rows)["total"] == pytest.approx(totals[best], rel=1e-6)


def test_a_bad_number_stops_training_and_is_named() -> None:
    objective, rows = setting()
    rows.values[3, 1] = float("inf")
    with pytest.raises(TrainingError, match="the scaled input is not finite"):
        list(train(objective, rows, rows, Training(epochs=1)))
    objective, rows = setting()
    with torch.no_grad():
        objective.model.encoder.layers[0][0].weight[0, 0] = float("nan")
    with pytest.raises(TrainingError, match=r"the weight model\.encoder\.layers\.0\.0\.weight"):
        list(train(objective, rows, rows, Training(epochs=1)))
    objective, rows = setting()
    with pytest.raises(TrainingError, match=r"Training stopped: .* is not finite any more"):
        list(train(objective, rows, rows, Training(epochs=50, learning_rate=1e30, clip=0.0)))


def test_an_interruption_keeps_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(epoch: Epoch) -> None:
        if epoch.number == 3:
            raise KeyboardInterrupt

    data = as_data(curve(120))
    run = fit(data, overrides={"training": {"epochs": 50}}, on_epoch=interrupt)
    assert len(run.history) == 3
    assert run.config["interrupted"]
    assert run.metrics["held_out"]["mse"] > 0
    monkeypatch.setattr(
        "narrows.training.loop.train", lambda *_: interrupt(Epoch(3, 9, "whole", {}, {}, 0, False, 0, 0))
    )
    with pytest.raises(KeyboardInterrupt):
        fit(data)


def test_the_learning_rate_warms_up_and_decays() -> None:
    objective, rows = setting()
    rates = [e.learning_rate for e in train(objective, rows, rows, Training(epochs=20, learning_rate=0.01))]
    top = int(np.argmax(rates))
    assert rates[0] < 0.005
    assert 0.009 < rates[top] <= 0.01
    assert rates[-1] < 1e-4
    assert 2 < top < 12


def test_a_sudden_gradient_is_shortened() -> None:
    weight = torch.nn.Parameter(torch.zeros(3))
    clip = Clip(2.0)
    for size, expected in ((1.0, 1.0), (1.5, 1.5), (100.0, 2.0 * (0.98 * 1.0 + 0.02 * 1.5))):
        weight.grad = torch.tensor([size, 0.0, 0.0])
        assert clip([weight.grad])
        assert weight.grad[0].item() == pytest.approx(expected, rel=1e-4)
    assert not clip([torch.tensor([float("nan")])])


def test_data_stay_on_the_device_as_they_came() -> None:
    data = as_data(np.random.default_rng(0).integers(0, 256, (9, 5, 5), dtype="u1"))
    from narrows.data.scaling import choose

    rows = Rows(
        data.schema.arrange(data.values), choose(data.schema.arrange(data.values), data.schema).scaling
    )
    assert rows.values.dtype == torch.uint8
    x = rows.batch(torch.tensor([4])).x
    assert x.dtype == torch.float32
    torch.testing.assert_close(x[0, 0], torch.as_tensor(data.values[4]).float() / 255)


def test_missing_cells_become_a_mask() -> None:
    values = curve(20)
    values[3, 2] = np.nan
    from narrows.data.scaling import choose

    data = as_data(values)
    batch = Rows(values, choose(values, data.schema).scaling).batch(torch.arange(20))
    assert batch.mask is not None
    assert (~batch.mask).nonzero().tolist() == [[3, 2]]
    assert batch.x[3, 2] == 0
    run = fit(data, overrides={"training": {"epochs": 2}})
    assert np.isfinite(run.reconstruct(values)).all()


def test_a_bare_objective_runs_on_other_data() -> None:
    objective = build(SPEC, Domain((3,)))
    assert objective(Batch(torch.randn(4, 3))).total.dim() == 0


def test_the_momentum_that_was_asked_for_is_kept_through_a_cycle() -> None:
    weight = nn.Parameter(torch.zeros(2))
    for momentum in (0.0, 0.3, 0.9):
        how = Training(optimizer="sgd", momentum=momentum, learning_rate=0.1)
        optimizer = make_optimizer([weight], how)
        schedule = make_schedule(optimizer, how, 10)
        assert schedule is not None
        for _ in range(5):
            optimizer.step()
            schedule.step()
            assert optimizer.param_groups[0]["momentum"] == momentum
