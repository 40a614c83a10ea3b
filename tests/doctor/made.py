"""Finished runs of which only what a check reads is filled in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from narrows.doctor.case import RunCase
from narrows.evaluation.symptoms import Gap, Layer, Symptoms
from narrows.evaluation.verdict import Verdict
from narrows.runs.evidence import Evidence

SPEC: dict[str, Any] = {
    "encoder": {"name": "mlp", "widths": [64, 32]},
    "bottleneck": {"name": "plain", "latent_dim": 4},
    "corruption": {"name": "none"},
    "loss": {"name": "squared"},
    "penalties": [],
}
TRAINING: dict[str, Any] = {"epochs": 10, "learning_rate": 0.003, "keep": "best"}


def epochs(*validation: float, kept: int = -1) -> list[dict[str, Any]]:
    """A history with these validation losses, of which the epoch `kept` was the best."""
    kept = kept % len(validation)
    return [
        {"number": i + 1, "stage": "whole", "improved": i <= kept, "validation": {"total": loss}}
        for i, loss in enumerate(validation)
    ]


def case(
    *,
    evidence: Evidence | None = None,
    spec: dict[str, Any] | None = None,
    training: dict[str, Any] | None = None,
    history: list[dict[str, Any]] | None = None,
    schema: Any = None,
    mse: float = 0.5,
    pca_mse: float | None = 0.5,
    mean_mse: float | None = 1.0,
    ratio_ci95: tuple[float, float] = (0.9, 1.1),
    groups: int = 100,
    **symptoms: Any,
) -> RunCase:
    """A case without a finding, but for what is given."""
    run: Any = SimpleNamespace(
        config={
            "spec": {**SPEC, **(spec or {})},
            "training": {**TRAINING, **(training or {})},
            "data": {"train": 500},
        },
        evidence=evidence or Evidence(),
        history=history or epochs(3.0, 2.0, 1.0),
        model=SimpleNamespace(code_size=4, bottleneck=None),
        schema=schema
        or SimpleNamespace(shape=(16,), columns=(), value_columns=(), value_noun="value", nouns="images"),
    )
    measured = {"train_mse": 0.5, "train_pca_mse": 0.5, "gap": Gap(1.0, 0.9), "dead": (Layer(0, 4),)}
    verdict = Verdict("cannot tell", groups, groups, mse, pca_mse, mean_mse, ratio_ci95)
    return RunCase(run, Symptoms(**{**measured, **symptoms}), verdict)
