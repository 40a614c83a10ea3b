from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from narrows.doctor.residuals import along, check_blur, check_residual
from narrows.evaluation.symptoms import Detail, Residual
from narrows.runs.evidence import Evidence
from tests.doctor.made import case


def table(*names: str, columns: int | None = None) -> Any:
    """A schema whose values belong to columns of these names."""
    every = tuple(SimpleNamespace(name=name) for name in names)
    return SimpleNamespace(columns=every[:columns], value_columns=every, shape=(len(names),))


def test_a_residual_with_more_structure_than_pca_leaves_is_told() -> None:
    found = check_residual(case(residual=Residual(0.45, 0.3, 0.5)))
    assert found is not None
    assert "50 % of the mean square of the residuals" in found.evidence
    assert "1.5 times the largest that PCA" in found.evidence
    assert found.advice == "It can still be learned: --epochs 30 or --latent-dim 5."


@pytest.mark.parametrize(
    "quiet",
    [
        {"residual": None},
        {"residual": Residual(0.44, 0.3, 0.5)},
        {"residual": Residual(0.45, None, 0.5)},
        {"residual": Residual(0.45, 9e-7, 0.5)},
        {"residual": Residual(0.45, 0.3, 0.5), "spec": {"corruption": {"name": "mask"}}},
    ],
)
def test_a_residual_without_structure_or_with_a_reason_is_not_told(quiet: dict[str, Any]) -> None:
    assert check_residual(case(**quiet)) is None


def test_a_link_that_bounds_the_output_is_named() -> None:
    found = check_residual(
        case(residual=Residual(0.9, 0.3, 0.5), spec={"loss": {"name": "squared", "link": "tanh"}})
    )
    assert found is not None
    assert "--set loss.link=identity" in found.advice


def test_the_direction_is_told_by_the_largest_columns() -> None:
    direction = Evidence(residual=np.array([0.1, -0.9, 0.3, 0.2]))
    made = case(evidence=direction, schema=table("a", "b", "c", "d"))
    assert along(made.run) == " (mostly b, c, d)"
    assert along(case(evidence=direction, schema=table("a", "b", "c", "d", columns=3)).run) == ""
    assert along(case(evidence=direction).run) == ""
    assert along(case(schema=table("a")).run) == ""


def test_lost_detail_is_blur_unless_it_is_noise() -> None:
    found = check_blur(case(detail=Detail(0.1, 0.15, 0.5)))
    assert found is not None
    assert found.evidence == (
        "10 % of the differences between neighbouring values are reconstructed, 15 % by PCA; the residual is "
        "not white noise: its neighbouring values correlate by 0.50."
    )
    without = check_blur(case(detail=Detail(0.1, None, 0.5)))
    assert without is not None
    assert "PCA" not in without.evidence
    assert check_blur(case(detail=Detail(0.2, 0.15, 0.5))) is None
    assert check_blur(case(detail=Detail(0.1, 0.15, 0.29))) is None
    assert check_blur(case(detail=None)) is None
