"""Checks of what a model leaves over: structure that can still be learned, and detail that is lost."""

from __future__ import annotations

import numpy as np

from narrows.core.errors import few
from narrows.core.findings import Finding, percent
from narrows.doctor.case import RunCase
from narrows.doctor.flags import longer, network, one_of, weaker
from narrows.runs.run import Run

STRUCTURED = 1.5
"""The residual's largest mean square along a direction, in units of PCA's, from which on it is structure."""

DETAIL, SMOOTH = 0.2, 0.3
"""The share of the detail below which it is blurred, where the residual correlates at least so much."""


def check_residual(case: RunCase) -> Finding | None:
    """Whether residuals have a linear structure that PCA does not leave."""
    found = case.symptoms.residual
    if found is None or found.pca is None or case.regularised or case.negligible(found.pca):
        return None
    if found.ours < STRUCTURED * found.pca:
        return None
    text = (
        f"{percent(found.share)} of the mean square of the residuals on training rows lie along one direction"
        f"{along(case.run)}, {found.ours / found.pca:.1f} times the largest that PCA with as many components "
        f"leaves along any."
    )
    linked = case.spec["loss"].get("link", "identity") != "identity"
    larger = f"--latent-dim {case.run.model.code_size + 1}"
    flags = one_of("--set loss.link=identity" * linked, longer(case), larger)
    return Finding("structure in the residual", "warning", text, f"It can still be learned: {flags}.")


def along(run: Run) -> str:
    """The columns of a table that the residual's direction is made of, where each has one value."""
    direction, columns = run.evidence.residual, run.schema.value_columns
    if direction is None or not columns or len(columns) != len(run.schema.columns):
        return ""
    most = np.argsort(-np.abs(direction), kind="stable")[:3]
    return f" (mostly {few([columns[i].name for i in most])})"


def check_blur(case: RunCase) -> Finding | None:
    """Whether reconstructions lack detail that is not noise."""
    found = case.symptoms.detail
    if found is None or found.ours >= DETAIL or found.smooth < SMOOTH:
        return None
    noun = case.run.schema.value_noun
    theirs = "" if found.pca is None else f", {percent(found.pca)} by PCA"
    text = (
        f"{percent(found.ours)} of the differences between neighbouring {noun}s are reconstructed{theirs}; "
        f"the residual is not white noise: its neighbouring {noun}s correlate by {found.smooth:.2f}."
    )
    larger = f"--latent-dim {2 * case.run.model.code_size}"
    flags = one_of(larger, weaker(case, 4), network(case, 2))
    name = f"blurred {case.run.schema.nouns}"
    return Finding(name, "warning", text, f"Use a larger code or network: {flags}.")
