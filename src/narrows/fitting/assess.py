"""Assess a fitted run on held-out rows: its verdict, metrics and evidence."""

from __future__ import annotations

from collections.abc import Callable

from narrows.core.steps import step
from narrows.data.schema import Array
from narrows.evaluation.surrogate_data import surrogate_ratio
from narrows.evaluation.verdict import Verdict, judge, judge_rates
from narrows.fitting.assessment import Assessment, measure_all
from narrows.fitting.evidence import evidence
from narrows.fitting.link_assessment import assess_links
from narrows.fitting.parts import ScaledParts, SplitData
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled
from narrows.training.options import Training

ALWAYS_CHECKED = 2_000_000
"""Every gain is also measured on surrogate data for training parts of at most this many values; for larger
ones only a gain of less than half, because it takes as long as the training."""


def assess(run: Run, parts: SplitData, rows: ScaledParts, how: Training, *, begun: bool = False) -> None:
    """Set the metrics and the evidence of `run`.

    Args:
        run: after training.
        parts: its data.
        rows: the same, scaled.
        how: the options of its training.
        begun: whether the initial weights may have been fitted to the held-out rows.
    """
    ASSESSED[run.schema.judged_by](run, parts, rows, how, begun)


def assess_values(run: Run, parts: SplitData, rows: ScaledParts, how: Training, begun: bool) -> None:
    """As `assess`, by the reconstructed values of held-out rows."""
    assessment = measure_all(run, parts, rows)
    verdict = decide(run, assessment, parts.held_out.counted, how, begun)
    run.metrics = {**verdict.to_metrics(), "symptoms": assessment.measured.symptoms.to_json()}
    if assessment.beside:
        run.metrics["beside"] = [each.to_json() for each in assessment.beside]
    run.evidence = evidence(run, parts, assessment)


def decide(run: Run, assessment: Assessment, groups: Array | None, how: Training, begun: bool) -> Verdict:
    """The verdict; a gain that may not be meaningful is first compared with the gain on surrogate data."""
    unit, train = run.scaling.unit, assessment.rows.train
    compared, raw, apart = assessment.compared.times(unit), assessment.raw, assessment.apart
    if assessment.rates is not None:
        return judge_rates(compared, assessment.rates.rates, seen=begun)
    restored = assessment.restored and assessment.restored.times(unit)
    verdict = judge(
        compared, groups, seen=begun, name=assessment.name, raw=raw, apart=apart, restored=restored
    )
    if "beats" not in (verdict.outcome, verdict.usual.outcome) or not worth_checking(
        run, train, verdict.usual
    ):
        return verdict
    domain = run.schema.domain(run.scaling)
    step("verdict: training the model again on surrogate data")
    wanted = None if is_modest(verdict.usual) else upper_bound(verdict)
    ratio = surrogate_ratio(run.config["spec"], domain, train.flat, how, run.config["seed"], run.own, wanted)
    return judge(compared, groups, surrogate_ratio=ratio, raw=raw, apart=apart)


def worth_checking(run: Run, train: Scaled, verdict: Verdict) -> bool:
    """Whether a gain is to be compared with the gain on surrogate data.

    A gain in restoring is always meaningful: the best linear filter is among what it is compared with, and no
    model restores data without structure better.
    """
    long = train.flat.size > ALWAYS_CHECKED and not is_modest(verdict)
    return run.schema.has_surrogate and not (run.restoring or long or run.interrupted)


def is_modest(verdict: Verdict) -> bool:
    """Whether the model has half of the yardstick's error, or more."""
    return verdict.mse > 0.5 * (verdict.yardstick_mse or 0.0)


def upper_bound(verdict: Verdict) -> float:
    """The ratio that a gain on surrogate data has to reach to make this verdict another."""
    return max(each.ratio_ci95[1] for each in (verdict, verdict.usual) if each.ratio_ci95)


ASSESSED: dict[str, Callable[[Run, SplitData, ScaledParts, Training, bool], None]] = {
    "values": assess_values,
    "edges": assess_links,
}
"""By `Schema.judged_by`."""
