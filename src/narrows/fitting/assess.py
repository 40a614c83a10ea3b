"""Judge a fitted run on held-out data, and keep what the report shows of it."""

from __future__ import annotations

from narrows.data.schema import Array
from narrows.evaluation.surrogate_data import surrogate_ratio
from narrows.evaluation.verdict import Verdict, judge
from narrows.fitting.assessment import Assessment, measure_all
from narrows.fitting.evidence import evidence
from narrows.fitting.parts import SplitData
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled
from narrows.training.options import Training

SMALL = 2_000_000
"""Numbers in a training part up to which a gain is always measured on surrogate data, too; of larger ones
only if it is less than half, because that takes as long as the training."""


def assess(run: Run, parts: SplitData, how: Training, *, begun: bool = False) -> None:
    """Measure `run` on held-out data, judge it, and keep what the report will show of it.

    With `begun` the first weights may have been fitted to the held-out rows.
    """
    found = measure_all(run, parts)
    verdict = decide(run, found, parts.held_out.groups, how, begun)
    run.metrics = {**verdict.to_metrics(), "symptoms": found.measured.symptoms.to_json()}
    run.evidence = evidence(run, parts, found)


def decide(run: Run, found: Assessment, groups: Array | None, how: Training, begun: bool) -> Verdict:
    """The verdict; a gain that could mean nothing is first measured on data without structure."""
    compared, train = found.compared.times(run.scaling.unit), found.rows.train
    verdict = judge(*compared, groups=groups, seen=begun)
    if verdict.outcome != "beats" or not worth_checking(run, train, verdict):
        return verdict
    domain = run.schema.domain(run.scaling)
    bar = surrogate_ratio(run.config["spec"], domain, train.flat, how, run.config["seed"], run.own)
    return judge(*compared, groups=groups, surrogate_ratio=bar)


def worth_checking(run: Run, train: Scaled, verdict: Verdict) -> bool:
    """Whether a gain could mean nothing, and there is time to measure that.

    A gain over the best linear filter always means something: on data without structure no model restores
    better.
    """
    modest = verdict.mse > 0.5 * (verdict.yardstick_mse or 0.0)
    long = train.flat.size > SMALL and not modest
    return run.schema.has_surrogate and not (run.model.bypassed or long or run.interrupted)
