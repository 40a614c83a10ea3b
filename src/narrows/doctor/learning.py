"""Checks of how a run learned: too little, too much of its training rows, with units that do nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from narrows.core.errors import few
from narrows.core.findings import Finding, percent
from narrows.core.numbers import times
from narrows.doctor.case import RunCase
from narrows.doctor.flags import halved, longer, network, one_of, slower, weaker
from narrows.evaluation.rates import Rates
from narrows.evaluation.verdict import FEWEST, PCA

BEHIND = 1.1
"""The error on training rows in units of PCA's from which on it is underfitting."""

PAID = 1.6
"""The held-out error in units of the yardstick's that regularisation may cost."""

TWICE = 2.0
"""The held-out error in units of the yardstick's that no regularisation excuses."""

LEARNED = 0.1
"""The least share of the variance of the training rows that a model explains which has learned something."""

GAP = 2.5
"""The held-out error in units of that on training rows, with 95 % confidence, that is overfitting."""

RISEN = 0.2
"""The rise of the validation loss before the kept epoch, as a share of its fall, that is overfitting."""

DEAD = 0.25
"""The share of a layer's units that do not change from which on it is a finding."""


def check_underfitting(case: RunCase) -> Finding | None:
    """Whether the model explains the training rows themselves worse than PCA, or hardly at all.

    A model that is judged by what it restores is compared with the damaged rows: see `check_behind`.
    """
    if case.verdict.restoration is not None or not (behind(case) or unlearned(case)):
        return None
    train, pca, mean = case.symptoms.train_mse, case.symptoms.train_pca_mse, case.verdict.mean_mse
    epochs = case.run.history[-1]["number"]
    parts = [f"The error on training rows is {train:.3g} after {epochs} epoch{'s' * (epochs > 1)}"]
    parts += [f"that of PCA with as many components {pca:.3g}"] if pca is not None else []
    parts += [f"that of their mean {mean:.3g}"] if mean is not None else []
    flags = one_of(longer(case), slower(case), network(case, 2))
    advice = f"Train longer, with a smaller learning rate, or a wider network: {flags}."
    return Finding("underfitting", "warning", ", ".join(parts) + ".", advice)


def behind(case: RunCase) -> bool:
    """Whether PCA explains the training rows better than a model without regularisation."""
    train, pca = case.symptoms.train_mse, case.symptoms.train_pca_mse
    if pca is None or case.negligible(pca) or case.regularised:
        return False
    return train > BEHIND * pca


def unlearned(case: RunCase) -> bool:
    """Whether the model explains next to nothing of the training rows."""
    mean = case.verdict.mean_mse
    return mean is not None and case.symptoms.train_mse >= (1 - LEARNED) * mean


def check_outlying(case: RunCase) -> Finding | None:
    """Whether a few rows hold most of an error, so that it says nothing of the others."""
    parts = {"held-out": case.whole_verdict.outlying, "training": case.symptoms.outlying}
    found = [
        f"Of the {where} rows, {rows} hold{rows.s} {rows.shares}." for where, rows in parts.items() if rows
    ]
    if not found:
        return None
    advice = "Correct what is wrong there, or leave the rows out, and fit again; more rows do not help."
    if case.spec["loss"]["name"] == "squared":
        advice += " What is right weighs less with --set loss.name=absolute."
    return Finding("outlying rows", "warning", " ".join(found) + " All else is judged without them.", advice)


def check_overfitting(case: RunCase) -> Finding | None:
    """Whether the error on training rows is far smaller than on others, at the cost of the others."""
    gap, verdict = case.symptoms.gap, case.verdict
    risen = rise(case.run.history)
    if verdict.groups < FEWEST or gap.least < GAP or (risen < RISEN and not worse(case)):
        return None
    text = (
        f"The error on held-out rows is {gap.ratio:.1f} times that on training rows (at least "
        f"{gap.least:.1f} times, with 95 % confidence): {verdict.mse:.3g} and {case.symptoms.train_mse:.3g}."
    )
    if verdict.yardstick_mse is not None:
        text += f" That of {verdict.yardstick} on held-out rows is {verdict.yardstick_mse:.3g}."
    if risen >= RISEN:
        text += f" Before the kept epoch the validation loss rose by {percent(risen)} of its fall."
    best = "--set training.keep=best" if case.training["keep"] == "last" else ""
    flags = one_of(best, "--recipe denoising", halved(case.run.model.code_size), network(case, 0.5))
    return Finding("overfitting", "warning", text, f"Gather more rows, or regularise the model: {flags}.")


def worse(case: RunCase) -> bool:
    """Whether the model is no better than its yardstick on held-out rows."""
    theirs = case.verdict.yardstick_mse
    return theirs is not None and case.verdict.mse >= theirs


def rise(history: list[dict[str, Any]]) -> float:
    """How much the validation loss rose from its least to the kept epoch, as a share of its whole fall."""
    mine = [epoch for epoch in history if epoch["stage"] == history[-1]["stage"]]
    totals = np.array([epoch["validation"]["total"] for epoch in mine])
    kept = totals[[i for i, epoch in enumerate(mine) if epoch["improved"]][-1]]
    return float((kept - totals.min()) / max(totals[0] - totals.min(), 1e-300))


def check_yardstick(case: RunCase) -> Finding | None:
    """Whether the error on held-out rows is surely larger than the yardstick's, whatever the reason."""
    verdict = case.verdict
    if verdict.rates is not None:
        return larger(case, verdict.rates) if verdict.outcome == "does not beat" else None
    theirs, interval = verdict.yardstick_mse, verdict.ratio_ci95
    if theirs is None or interval is None or case.negligible(theirs):
        return None
    if verdict.groups < FEWEST or interval[0] <= bar(case):
        return None
    text = (
        f"The error on held-out rows is {times(verdict.errors_on_scale.ratio)} times that of "
        f"{verdict.yardstick}: {verdict.mse:.3g} and {theirs:.3g}."
    )
    return Finding("worse than a simpler method", "warning", text, instead(case))


def larger(case: RunCase, rates: Rates) -> Finding | None:
    """The finding of a model that takes surely more bytes than another method."""
    if rates.ratio is None or rates.ratio_ci95 is None or rates.ratio_ci95[0] <= 1:
        return None
    text = f"At the same quality it takes {times(rates.ratio)} times the bytes of {rates.yardstick}."
    advice = f"Take {rates.yardstick}, or train longer or on more {case.run.schema.nouns}: {longer(case)}."
    return Finding("worse than a simpler method", "warning", text, advice)


def bar(case: RunCase) -> float:
    """The held-out error in units of the yardstick's from which on the model is worse."""
    if case.verdict.restoration is not None:
        return 1.0
    return PAID if case.regularised and case.verdict.errors_on_scale.ratio < TWICE else BEHIND


def instead(case: RunCase) -> str:
    """What to do about a model that is worse than its yardstick."""
    name = case.verdict.yardstick
    if case.verdict.restoration is not None:
        flags = one_of(longer(case), network(case, 2))
        return f"Take {name}, or train longer or on more images: {flags}."
    if not case.regularised:
        flags = one_of(longer(case), network(case, 2), "--recipe linear")
        return f"Train longer, or take a model as simple as PCA: {flags}."
    flags = one_of(weaker(case, 4), longer(case), "--recipe autoencoder" * (name == PCA))
    return f"The prior, penalty or corruption of its recipe costs so much: try {flags}."


def check_dead_units(case: RunCase) -> Finding | None:
    """Whether units of the encoder or of the code do not change with the input."""
    found = dead_layers(case)
    if case.run.config["data"]["train"] < FEWEST or not found:
        return None
    encoder = case.spec["encoder"]
    known = encoder["name"] in ("mlp", "conv") and encoder.get("activation", "silu") != "silu"
    flags = one_of("--set encoder.activation=silu" * known, slower(case), network(case, 0.5))
    text = f"Units that do not change with the input: {few(found)}."
    return Finding("dead units", "warning", text, f"Their weights are of no use: try {flags}.")


def dead_layers(case: RunCase) -> list[str]:
    """The layers with many dead units; a code that is chosen from a table is judged by what is chosen."""
    *hidden, code = case.symptoms.dead
    layers = {f"layer {i} of the encoder": layer for i, layer in enumerate(hidden, 1)}
    layers["the code"] = code
    found = {name: layer for name, layer in layers.items() if layer.dead >= DEAD * layer.units}
    if list(found) == ["the code"] and case.run.evidence.used is not None:
        return []
    return [f"{layer.dead:,} of {layer.units:,} in {name}" for name, layer in found.items()]
