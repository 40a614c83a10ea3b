"""Checks of the code: what it tells of an example, what of it is used, and whether it merely copies."""

from __future__ import annotations

from math import prod

import numpy as np

from narrows.core.errors import few
from narrows.core.findings import Finding, percent
from narrows.data.schema import Array
from narrows.doctor.case import RunCase
from narrows.doctor.flags import longer, one_of, weaker
from narrows.evaluation.latent_dimensions import rank_correlation
from narrows.evaluation.rounded_codes import rounds
from narrows.runs.run import Run

ACTIVE = 0.01
"""The least number of nats that a latent dimension carries which is active."""

USED = 0.5
"""The least share of the things to choose among that is used in a run without defects."""

IGNORED, DECODED = 0.01, 500
"""The share of the variance of held-out rows below which a decoder ignores the code, and the rows that are
decoded at the most."""

PASSED = 0.8
"""The share of a small noise in the output from which on the code copies."""

SAME = 0.97
"""The rank correlation of two latent dimensions from which on one copies the other."""

MOST = 64
"""Latent dimensions that are compared with each other at the most: those that vary most."""

LEAST_ROWS = 20
"""Held-out codes below which no dimensions are compared."""

CHOICES = {
    "quantized": ("entries of the codebook", "--set bottleneck.entries={}"),
    "topk": ("latent dimensions", "--latent-dim {}"),
    "mixture": ("clusters", "--set bottleneck.components={}"),
}
"""By bottleneck, what its code chooses among, and the flag that sets their number."""


def check_collapse(case: RunCase) -> Finding | None:
    """Whether a probabilistic code tells next to nothing of the example."""
    nats = case.run.evidence.nats
    if nats is None or 2 * (nats >= ACTIVE).sum() > len(nats):
        return None
    ours, pca = (case.explained(mse) for mse in (case.verdict.mse, case.verdict.yardstick_mse))
    if ours is not None and pca is not None and ours > pca / 2:
        return None
    text = (
        f"{(nats >= ACTIVE).sum()} of {len(nats)} latent dimensions are active; they carry {nats.sum():.2g} "
        f"nats in all, by dimension {few([f'{n:.2g}' for n in np.sort(nats)[::-1]])}: the decoder hardly "
        f"uses the code."
    )
    if ours is not None and pca is not None:
        text += f" The model explains {percent(max(ours, 0))} of the held-out variance, PCA {percent(pca)}."
    gaussian = case.spec["bottleneck"]["name"] == "gaussian"
    slower = ("--set bottleneck.warm_up=0.3", "--set bottleneck.free_bits=0.1") if gaussian else ()
    flags = one_of(weaker(case, 10, default=1.0), *slower)
    return Finding("posterior collapse", "warning", text, f"Let the code cost less: {flags}.")


def check_ignored(case: RunCase) -> Finding | None:
    """Whether the decoder ignores the code: examples differ, and what it makes of their codes does not."""
    shown = case.run.evidence
    if shown.codes is None or shown.originals is None or shown.kept is None or len(shown.kept) < LEAST_ROWS:
        return None
    x = case.run.scaled(shown.originals[:DECODED])
    y = case.run.decode_scaled(shown.codes[shown.kept[:DECODED]])
    there, made = (float(np.nansum(np.nanvar(each.astype(np.float64), axis=0))) for each in (x, y))
    if made >= IGNORED * there:
        return None
    text = (
        f"The decoder makes nearly the same of all codes: what it makes of those of held-out "
        f"{case.run.schema.nouns} has {percent(made / max(there, 1e-300))} of their variance."
    )
    flags = one_of(weaker(case, 10), longer(case), "--recipe linear")
    return Finding("ignored code", "warning", text, f"Let the code matter more, or train longer: {flags}.")


def check_unused_codes(case: RunCase) -> Finding | None:
    """Whether much of what a code chooses among, as entries of a codebook, is never used."""
    used = case.run.evidence.used
    if used is None or (used > 0).mean() >= USED:
        return None
    what, option = CHOICES[case.spec["bottleneck"]["name"]]
    share = used[used > 0] / used.sum()
    perplexity = max(2, round(float(np.exp(-(share * np.log(share)).sum()))))
    text = (
        f"{(used > 0).sum():,} of {len(used):,} {what} are used for training rows, with a perplexity of "
        f"{perplexity:,}."
    )
    return Finding("unused codes", "warning", text, f"Use fewer: {option.format(perplexity)}.")


def check_noise(case: RunCase) -> Finding | None:
    """Whether the output has any noise that the input has; not of a code that is rounded afterwards."""
    passed = case.symptoms.noise_passed
    if passed is None or passed < PASSED or rounds(case.run):
        return None
    size, values = case.run.model.code_size, prod(case.run.schema.shape)
    text = (
        f"{percent(passed)} of a small white noise that was added to held-out rows is in the output: the "
        f"code has {size:,} dimensions for {values:,} values, and copies them."
    )
    smaller = f"--latent-dim {max(1, min(size, values) // 4)}"
    flags = one_of(smaller, "--recipe denoising", "--recipe vae")
    return Finding("noise is reproduced", "warning", text, f"Use a smaller code, or one with noise: {flags}.")


def check_dimensions(run: Run) -> Finding | None:
    """Whether latent dimensions are copies of others; not where the coder predicts one from the others."""
    codes = run.evidence.codes
    if codes is None or rounds(run) or len(codes) < LEAST_ROWS or codes.shape[1] < 2:
        return None
    pairs = sorted(alike(codes), key=lambda pair: -abs(pair[0]))
    if not pairs:
        return None
    shown = few([f"{i} and {j} ({r:+.3f})" for r, i, j in pairs])
    text = f"Latent dimensions, counted from 0, that copy others, with their rank correlation: {shown}."
    fewer = f"--latent-dim {max(1, codes.shape[1] - len({j for _, _, j in pairs}))}"
    flags = one_of(fewer, "--recipe wae", "--recipe vae")
    return Finding("copied dimensions", "warning", text, f"Use a smaller code, or a prior: {flags}.")


def alike(codes: Array) -> list[tuple[float, int, int]]:
    """Pairs of columns of `codes (n, d)` whose rank correlation is at least `SAME` in size."""
    spread = codes.std(axis=0)
    moving = np.sort(np.argsort(-spread, kind="stable")[:MOST])
    moving = moving[spread[moving] > 1e-3 * max(float(spread.max()), 1e-300)]
    r = rank_correlation(codes[:, moving], codes[:, moving])
    found = zip(*np.nonzero(np.triu(np.abs(r) >= SAME, 1)), strict=True)
    return [(float(r[i, j]), int(moving[i]), int(moving[j])) for i, j in found]
