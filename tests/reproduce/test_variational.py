from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.lab import Lab
from narrows.reproduce.variational import (
    BETAS,
    EpochState,
    Seed,
    checks,
    noise_statistics,
    posterior,
    track,
)


def test_noise_shrinks_without_the_similarity_loss(full_lab: Lab) -> None:
    data = full_lab.first(full_lab.digits, 1500)
    without, strict = (track(full_lab, data, beta, 10, 0) for beta in (0.0, 4.0))
    assert len(without) == 10
    assert without[-1].sigma < strict[-1].sigma
    assert without[-1].kl > strict[-1].kl


def test_the_share_of_noise_is_that_of_drawn_codes(lab: Lab) -> None:
    run, images = lab.fit("y5"), lab.digits.array[:500]
    mean, sigma = posterior(run, images)
    noise = sigma * np.random.default_rng(0).standard_normal((200, *sigma.shape))
    share = noise.var(axis=(0, 1)).sum() / (mean + noise).var(axis=(0, 1)).sum()
    assert noise_statistics(run, images)[1] == pytest.approx(share, rel=0.02)


def test_claims_about_sigma_are_judged_over_seeds() -> None:
    def seed(shift: float, last: float, none: float) -> Seed:
        def state(sigma: float, loss: float) -> EpochState:
            return EpochState(sigma + shift, 0.1, 1.0, loss + shift, 20.0)

        sigmas = {0.0: last, 0.25: 0.4, 1.0: 0.5, 4.0: 0.6}
        states = {beta: [state(0.1, 90), state(sigmas[beta], 70 + 40 * beta)] for beta in BETAS}
        states[0.0][-1] = state(last, none)
        return Seed(states, 70 + shift)

    def outcomes(last: float, none: float) -> list[bool | None]:
        return [check.outcome for check in checks([seed(shift, last, none) for shift in (0, 0.001, 0.002)])]

    assert outcomes(0.05, 71) == [True, True, True]
    assert outcomes(0.2, 71) == [True, False, True]
    assert outcomes(0.45, 71) == [False, False, True]
    assert outcomes(0.05, 91) == [True, True, False]
