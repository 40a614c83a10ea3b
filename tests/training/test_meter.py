from __future__ import annotations

import pytest
import torch

from narrows.core import memory
from narrows.core.records import Batch
from narrows.training import meter
from narrows.training.meter import Meter, averages, evaluate
from tests.training.setting import SPEC, setting


def test_a_record_holds_means_over_examples_of_unweighted_costs() -> None:
    spec = {**SPEC, "bottleneck": {"name": "gaussian", "latent_dim": 2, "beta": 3.0}}
    objective, rows = setting(40, spec)
    found = evaluate(objective, rows)
    assert found["total"] == pytest.approx(found["reconstruction"] + 3 * found["kl"], rel=1e-5)
    features = objective.model.encoder(rows.batch(torch.arange(40)).x, {})
    mean, log_var, _ = objective.model.bottleneck.posterior(features)
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(1).mean()
    assert found["kl"] == pytest.approx(kl.item(), rel=1e-5)


def test_noise_is_the_same_at_each_evaluation_and_comes_from_no_generator() -> None:
    objective, rows = setting(40, {**SPEC, "corruption": {"name": "gaussian"}})
    before = torch.get_rng_state()
    first = evaluate(objective, rows)
    torch.rand(9)
    state = torch.get_rng_state()
    assert evaluate(objective, rows) == first
    assert torch.equal(torch.get_rng_state(), state)
    assert not torch.equal(before, state)


@pytest.mark.parametrize("folded", [1, 3, 100])
def test_batches_count_by_their_examples(folded: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "FOLDED", folded)
    batches = [torch.rand(n, 2) for n in (5, 5, 1, 4, 2)]
    found = Meter()
    for x in batches:
        found.add({"a": x[:, 0].mean(), "b": x[:, 1].mean()}, Batch(x))
    found.fold()
    expected = torch.cat(batches).mean(0).tolist()
    assert averages(found.sums, found.n) == pytest.approx(dict(zip("ab", expected, strict=True)))


def test_a_cost_that_is_taken_up_holds_no_graph() -> None:
    objective, rows = setting()
    costs = objective(rows.batch(torch.arange(9)))
    assert costs.total.requires_grad
    assert not any(value.requires_grad for value in meter.mean_costs(costs).values())


def test_examples_are_judged_a_few_at_a_time_but_as_many_as_a_step_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    objective, rows = setting(40)
    whole = evaluate(objective, rows)["total"]
    monkeypatch.setattr(memory, "VALUES_AT_ONCE", 5 * 6)
    sizes: list[int] = []
    objective.model.encoder.register_forward_hook(lambda _, x, y: sizes.append(len(x[0])))
    assert evaluate(objective, rows)["total"] == pytest.approx(whole, rel=1e-5)
    assert sizes == [5] * 8
    evaluate(objective, rows, least=16)
    assert sizes[8:] == [16, 16, 8]
