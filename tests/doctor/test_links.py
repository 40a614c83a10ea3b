from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from narrows.core.findings import Finding
from narrows.doctor.links import check_overfitting, check_still, check_yardstick
from narrows.runs.evidence import Evidence
from tests.doctor.made import epochs


def run(
    *, auc: float = 0.95, gain: tuple[float, float] = (0.01, 0.03), edges: int = 500, **parts: Any
) -> Any:
    """A run without a finding, but for what is given."""
    held_out = {
        "edges": edges, "pairs": edges, "auc": auc, "ap": auc, "yardsticks": {"Katz": {"auc": 0.93, "ap": 0.9}},
        "yardstick": "Katz", "gain_ci95": list(gain), "seen": False,
    }  # fmt: skip
    metrics = {"verdict": {"outcome": "beats", "sentence": ""}, "held_out": held_out}
    codes = np.random.default_rng(0).standard_normal((100, 4)) * parts.get("spread", 1.0)
    return SimpleNamespace(
        metrics=metrics,
        model=SimpleNamespace(code_size=4, bottleneck=None),
        config={"training": {"epochs": 10}},
        history=parts.get("history", epochs(3.0, 2.0, 1.0)),
        evidence=Evidence(codes=codes),
    )


def name(finding: Finding | None) -> str:
    return "" if finding is None else finding.name


def test_a_good_run_has_no_finding() -> None:
    assert [check(run()) for check in (check_yardstick, check_overfitting, check_still)] == [None] * 3


def test_a_surely_lower_auc_is_worse_than_the_simpler_method() -> None:
    worse = check_yardstick(run(auc=0.9, gain=(-0.04, -0.02)))
    assert worse is not None
    assert worse.evidence.startswith("The AUC on held-out edges is 90.0 %, that of Katz")
    assert "--latent-dim 8, --epochs 30" in worse.advice
    assert check_yardstick(run(auc=0.92, gain=(-0.04, 0.01))) is None
    assert check_yardstick(run(auc=0.9, gain=(-0.04, -0.02), edges=10)) is None


def test_a_risen_validation_loss_is_overfitting() -> None:
    assert name(check_overfitting(run(history=epochs(3.0, 1.0, 2.0, kept=2)))) == "overfitting"


def test_dimensions_that_are_the_same_for_all_nodes_are_unused() -> None:
    still = check_still(run(spread=np.array([1.0, 1.0, 0.01, 1.0])))
    assert still is not None
    assert still.evidence == "1 of 4 latent dimensions hardly differ between nodes: 2."
    assert "--latent-dim 3" in still.advice
