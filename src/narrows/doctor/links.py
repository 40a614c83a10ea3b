"""Checks of a finished run of a graph, which predicts edges."""

from __future__ import annotations

import numpy as np

from narrows.core.errors import few
from narrows.core.findings import Finding, percent
from narrows.doctor.learning import RISEN, rise
from narrows.evaluation.link_verdict import LinkVerdict
from narrows.evaluation.link_verdict import percent as shown
from narrows.evaluation.verdict import FEWEST
from narrows.runs.run import Run

STILL = 0.01
"""The share of the mean variance of the latent dimensions below which one is the same for all nodes."""


def check_yardstick(run: Run) -> Finding | None:
    """Whether a method without training predicts held-out edges better, whatever the reason."""
    verdict = LinkVerdict.from_metrics(run.metrics)
    if verdict.edges < FEWEST or verdict.gain_ci95[1] >= 0:
        return None
    theirs = verdict.yardsticks[verdict.yardstick]
    text = (
        f"The AUC on held-out edges is {shown(verdict.ours.auc)}, that of {verdict.yardstick}, which needs "
        f"no training, {shown(theirs.auc)}."
    )
    wider, longer = 2 * run.model.code_size, 3 * run.config["training"]["epochs"]
    advice = f"Try --latent-dim {wider}, --epochs {longer} or another network, or take {verdict.yardstick}."
    return Finding("worse than a simpler method", "warning", text, advice)


def check_overfitting(run: Run) -> Finding | None:
    """Whether the loss on validation edges rose before the kept epoch."""
    risen = rise(run.history)
    if risen < RISEN:
        return None
    text = f"Before the kept epoch the loss on validation edges rose by {percent(risen)} of its fall."
    half = max(1, run.config["training"]["epochs"] // 2)
    advice = f"Train for fewer epochs: --set training.keep=best or --epochs {half}."
    return Finding("overfitting", "warning", text, advice)


def check_still(run: Run) -> Finding | None:
    """Whether latent dimensions are the same for all nodes."""
    codes = run.evidence.codes
    if codes is None:
        return None
    spread = codes.astype(np.float64).var(axis=0)
    still = np.flatnonzero(spread <= STILL * spread.mean())
    if not len(still):
        return None
    names = few([str(k) for k in still])
    text = f"{len(still):,} of {len(spread):,} latent dimensions hardly differ between nodes: {names}."
    advice = f"Take fewer, --latent-dim {max(1, len(spread) - len(still))}, or a weaker prior."
    return Finding("unused dimensions", "warning", text, advice)
