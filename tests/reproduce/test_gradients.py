from __future__ import annotations

import pytest
import torch

from narrows.core.records import Batch
from narrows.reproduce.gradients import estimate, kl, parameters, reconstruction, reparameterise
from narrows.reproduce.lab import Lab, flat
from narrows.reproduce.latent import ENTRIES
from tests.reproduce.conftest import Brief

ENTRY = {entry.id: entry for entry in ENTRIES}


def test_loss_of_mean_and_variance_is_the_objectives(lab: Lab) -> None:
    run = lab.fit("y5")
    x = torch.from_numpy(flat(lab.digits.array[:4])).reshape(-1, *run.schema.model_shape)
    mean, log_var = parameters(run.model, x)
    torch.manual_seed(5)
    noise = torch.randn_like(mean)
    ours = reconstruction(run.model, x, reparameterise(mean, log_var, noise)) + kl(mean, log_var)
    torch.manual_seed(5)
    with torch.no_grad():
        theirs = run.objective(Batch(x)).total
    assert float(ours.detach().mean()) == pytest.approx(float(theirs), rel=1e-6)


def test_estimates_of_a_gradient_agree_in_the_mean(lab: Lab) -> None:
    run = lab.fit("y5")
    x = torch.from_numpy(flat(lab.digits.array[:1])).reshape(-1, *run.schema.model_shape)
    found = estimate(run.model, x, 20_000, torch.Generator().manual_seed(0))
    path, score = found.reparameterised.mean(dim=0), found.baseline.mean(dim=0)
    error = (found.baseline.var(dim=0) / 20_000).sum().sqrt()
    assert float((path - score).norm()) < 3 * float(error)


def test_gradients_pass_only_where_the_noise_is_apart() -> None:
    finding = ENTRY["K2"].measure(Brief())
    assert finding.holds is True
    assert max(finding.measured[f"largest_difference_{name}"] for name in ("mean", "log_var")) < 1e-6
    assert finding.yardstick["gradient_without_reparameterisation"] == 0
    errors = [finding.measured["relative_error_reparameterised"], *list(finding.yardstick.values())[2:0:-1]]
    assert errors == sorted(errors)
