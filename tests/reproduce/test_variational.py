from __future__ import annotations

import numpy as np
import pytest

from narrows.reproduce.lab import Lab
from narrows.reproduce.variational import noise_statistics, posterior, track


def test_noise_shrinks_without_the_similarity_loss(lab: Lab) -> None:
    data = lab.first(lab.digits, 300)
    without, strict = (track(lab, data, beta, 4) for beta in (0.0, 4.0))
    assert len(without) == 3
    assert without[-1].sigma < strict[-1].sigma
    assert without[-1].kl > strict[-1].kl


def test_the_share_of_noise_is_that_of_drawn_codes(lab: Lab) -> None:
    run, images = lab.fit("y5"), lab.digits.array[:500]
    mean, sigma = posterior(run, images)
    noise = sigma * np.random.default_rng(0).standard_normal((200, *sigma.shape))
    share = noise.var(axis=(0, 1)).sum() / (mean + noise).var(axis=(0, 1)).sum()
    assert noise_statistics(run, images)[1] == pytest.approx(share, rel=0.02)
