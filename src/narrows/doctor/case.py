"""A finished run as the checks of the doctor see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from narrows.evaluation.symptoms import Symptoms
from narrows.evaluation.verdict import Verdict
from narrows.runs.run import Run

NEGLIGIBLE = 1e-6
"""A share of the variance below which an error is rounding."""


@dataclass(frozen=True)
class Case:
    """A finished run, with what was measured of it.

    Attributes:
        run: the run.
        symptoms: on training and held-out rows.
        verdict: on held-out rows.
    """

    run: Run
    symptoms: Symptoms
    verdict: Verdict

    @classmethod
    def of(cls, run: Run) -> Case | None:
        """The case of `run`; None if an earlier version fitted it, which did not measure the symptoms."""
        if "symptoms" not in run.metrics:
            return None
        verdict = Verdict.from_json(run.metrics["verdict"]["outcome"], run.metrics["held_out"])
        return cls(run, Symptoms.from_json(run.metrics["symptoms"]), verdict)

    @property
    def spec(self) -> dict[str, Any]:
        """The choices that the model was built from."""
        spec: dict[str, Any] = self.run.config["spec"]
        return spec

    @property
    def training(self) -> dict[str, Any]:
        """The options that it was trained with."""
        training: dict[str, Any] = self.run.config["training"]
        return training

    @property
    def regularised(self) -> bool:
        """Whether a prior, a penalty or a corruption restrains the model, so that PCA may do better."""
        plain = self.spec["bottleneck"]["name"] == "plain" and self.spec["corruption"]["name"] == "none"
        return not plain or bool(self.spec["penalties"])

    def explained(self, error: float | None) -> float | None:
        """The share of the held-out variance that is explained with `error`; None where that is not known."""
        mean = self.verdict.mean_mse
        return None if error is None or mean is None else 1 - error / max(mean, 1e-300)

    def negligible(self, error: float) -> bool:
        """Whether `error` is but rounding."""
        return error < NEGLIGIBLE * (self.verdict.mean_mse or 0.0)
