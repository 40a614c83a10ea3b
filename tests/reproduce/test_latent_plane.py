from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from narrows.reproduce.lab import Lab
from narrows.reproduce.latent_models import plane_model
from narrows.reproduce.latent_plane import SIDE, Plane, checks, plane
from narrows.reproduce.sample_quality import Features


@pytest.fixture(scope="module")
def found(lab: Lab) -> Plane:
    return plane(plane_model(lab), lab.digits, lab.once(Features))


def test_a_plane_is_decoded_and_compared_with_real_images(found: Plane) -> None:
    assert found.points.values.shape == (SIDE**2, 28, 28)
    empty, far, inside, elsewhere, _ = found.shares.values()
    assert 0 < empty < 1
    assert empty * inside + (1 - empty) * elsewhere == pytest.approx(far, abs=1e-6)


def test_the_ae_has_empty_space_that_cannot_be_used_and_the_vae_less(found: Plane) -> None:
    def planes(values: Sequence[float]) -> list[Plane]:
        return [
            found._replace(shares=dict(zip(found.shares, np.add(values, slight), strict=True)))
            for slight in (0.0, 0.001, 0.002)
        ]

    more, less = planes([0.5, 0.25, 0.5, 0.0, 0.1]), planes([0.1, 0.1, 0.1, 0.2, 0.1])
    assert [check.outcome for check in checks(more, less)] == [True, True]
    assert [check.outcome for check in checks(less, more)] == [False, False]
