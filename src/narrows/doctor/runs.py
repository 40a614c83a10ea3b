"""What `narrows doctor` says of a finished run, from its folder alone.

A healthy run has no findings. Every check has a bar that none of the healthy runs in its test reaches.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from narrows.core.errors import InputError, few
from narrows.core.findings import Finding, from_config, percent
from narrows.data.schema import Array
from narrows.evaluation.latent_dimensions import rank_correlation
from narrows.evaluation.verdict import FEWEST
from narrows.runs.run import Run

GAP = 2.5
"""A held-out error so many times that on training rows, with 95 % confidence, is overfitting."""

RISEN = 0.2
"""The share of what the validation had fallen that it rises again until the kept epoch, if it is ill."""

BEHIND = 1.1
"""An error on training rows so many times PCA's is underfitting."""

LEARNED = 0.1
"""Of the variance of the training rows, what any model explains that has learned something."""

ACTIVE = 0.01
"""Nats that a dimension carries at the least which is in use."""

DEAD = 0.25
"""The share of a layer's units that never change from which on it is a finding."""

USED = 0.5
"""The share of the things to choose among that are chosen at the least, in a healthy run."""

PASSED = 0.8
"""The share of added noise that passes from which on the model copies more than it sums up."""

LEFT = 1.5
"""The residual's largest mean square along a direction, in units of PCA's, that is structure."""

DETAIL, SMOOTH = 0.2, 0.3
"""The share of fine detail below which images are blurred, where what is missing is no white noise."""

SAME = 0.97
"""The rank correlation of two dimensions from which on one copies the other."""

Check = Callable[[Run], Finding | None]


def examine(run: Run) -> list[Finding]:
    """What is ill with `run`; nothing if it is healthy.

    What one finding explains is left out: a code that collapsed leaves a model that learned nothing.

    Raises:
        InputError: when the training has not finished.
    """
    if run.unfinished:
        raise InputError(run.unfinished)
    found: dict[str, Finding] = {}
    for name, check in CHECKS.items():
        finding = check(run) if "symptoms" in run.metrics or name in FROM_THE_FIRST else None
        if finding is not None and not any(name in FOLLOWS.get(cause, ()) for cause in found):
            found[name] = finding
    skipped = [] if "symptoms" in run.metrics else [unmeasured()]
    return [*found.values(), *skipped]


def unmeasured() -> Finding:
    """What to say of a run whose symptoms were not measured when it was fitted."""
    names = ", ".join(name for name in CHECKS if name not in FROM_THE_FIRST)
    return Finding("skipped", "info", f"An earlier Narrows fitted this run; not measured then: {names}.")


def warned(name: str, evidence: str, advice: str) -> Finding:
    return Finding(name, "warning", evidence, advice)


def symptom(run: Run, name: str) -> Any:
    """What was measured; None where it does not apply to the model or the data."""
    return run.metrics["symptoms"].get(name)


def restrained(run: Run) -> bool:
    """Whether the model pays for more than its error, and so may be worse than PCA for a reason."""
    spec = run.config["spec"]
    plain = spec["bottleneck"]["name"] == "plain" and spec["corruption"]["name"] == "none"
    return not plain or bool(spec["penalties"])


def network(run: Run, factor: float) -> str:
    """The flag that makes the network so many times as wide; nothing for networks without a width."""
    encoder = run.config["spec"]["encoder"]
    if encoder["name"] == "mlp":
        widths = encoder.get("widths", [512, 256])
        return "--set encoder.widths=" + "[" + ",".join(str(max(2, int(w * factor))) for w in widths) + "]"
    if encoder["name"] == "conv":
        return f"--set encoder.channels={max(2, int(encoder.get('channels', 32) * factor))}"
    return ""


def one_of(*flags: str) -> str:
    """The flags that there are, as a choice.

    >>> one_of("--epochs 5", "", "--recipe vae")
    '--epochs 5 or --recipe vae'
    """
    named = [flag for flag in flags if flag]
    return " or ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def halved(size: int) -> str:
    return f"--latent-dim {size // 2}" if size > 1 else ""


def check_collapse(run: Run) -> Finding | None:
    """Whether a probabilistic code tells (nearly) nothing of the example."""
    nats, bottleneck = run.evidence.nats, run.config["spec"]["bottleneck"]
    if nats is None or 2 * (nats >= ACTIVE).sum() > len(nats):
        return None
    held_out = run.metrics["held_out"]
    ours, pca = (1 - held_out[name] / max(held_out["mean_mse"], 1e-300) for name in ("mse", "pca_mse"))
    if ours > pca / 2:
        return None
    active = int((nats >= ACTIVE).sum())
    text = (
        f"{active} of {len(nats)} dimensions of the code are active; they carry {nats.sum():.2g} nats in "
        f"all, by dimension {few([f'{n:.2g}' for n in np.sort(nats)[::-1]])}. The model explains "
        f"{percent(max(ours, 0))} of the held-out variance, PCA {percent(pca)}."
    )
    beta = bottleneck.get("beta", 1.0)
    weaker = f"--set bottleneck.beta={beta / 10:g}" if beta else ""
    gentle = bottleneck["name"] == "gaussian"
    slower = ("--set bottleneck.warm_up=0.3", "--set bottleneck.free_bits=0.1") if gentle else ()
    return warned("posterior collapse", text, f"Let the code cost less: {one_of(weaker, *slower)}.")


def check_underfitting(run: Run) -> Finding | None:
    """Whether the training rows themselves are worse explained than they could be."""
    train, pca = symptom(run, "train_mse"), symptom(run, "train_pca_mse")
    mean = run.metrics["held_out"]["mean_mse"]
    behind = train > BEHIND * pca and pca > 1e-6 * mean and not restrained(run)
    if not behind and train < (1 - LEARNED) * mean:
        return None
    last = run.history[-1]
    text = (
        f"On the training rows themselves the error is {train:.3g}, PCA's with as many numbers {pca:.3g}, "
        f"and that of the mean {mean:.3g}, after {last['number']} epochs."
    )
    longer = f"--epochs {3 * run.config['training']['epochs']}"
    slower = f"--set training.learning_rate={run.config['training']['learning_rate'] / 3:.2g}"
    return warned(
        "underfitting",
        text,
        f"Train longer, more gently or wider: {one_of(longer, slower, network(run, 2))}.",
    )


def check_overfitting(run: Run) -> Finding | None:
    """Whether training rows come back far better than others do, at the cost of the others."""
    ratio, least = symptom(run, "gap")
    held_out = run.metrics["held_out"]
    if held_out["groups"] < FEWEST:
        return None
    risen = rise(run.history)
    if least < GAP or (risen < RISEN and held_out["mse"] < held_out["pca_mse"]):
        return None
    text = (
        f"The error on held-out rows is {ratio:.1f} times that on training rows (at least {least:.1f} times, "
        f"with 95 % confidence): {held_out['mse']:.3g} beside {symptom(run, 'train_mse'):.3g}; PCA's on "
        f"held-out rows is {held_out['pca_mse']:.3g}."
    )
    if risen >= RISEN:
        text += f" Until the kept epoch the validation rose again by {percent(risen)} of its fall."
    best = "--set training.keep=best" if run.config["training"]["keep"] == "last" else ""
    flags = one_of(best, "--recipe denoising", halved(run.model.code_size), network(run, 0.5))
    return warned("overfitting", text, f"Gather more rows, or hold it back: {flags}.")


def rise(history: list[dict[str, Any]]) -> float:
    """How much the validation rose from its best to the kept epoch, as a share of all that it fell."""
    mine = [epoch for epoch in history if epoch["stage"] == history[-1]["stage"]]
    totals = np.array([epoch["validation"]["total"] for epoch in mine])
    kept = totals[[i for i, epoch in enumerate(mine) if epoch["improved"]][-1]]
    return float((kept - totals.min()) / max(totals[0] - totals.min(), 1e-300))


def check_dead_units(run: Run) -> Finding | None:
    """Whether units of the encoder or of the code are the same whatever they are shown."""
    layers = symptom(run, "dead")
    if run.config["data"]["train"] < FEWEST:
        return None
    names = [*(f"layer {i} of the encoder" for i in range(1, len(layers))), "the code"]
    ill = [
        f"{dead:,} of {n:,} in {name}"
        for name, (dead, n) in zip(names, layers, strict=True)
        if dead >= DEAD * n
    ]
    if not ill or (len(ill) == 1 and ill[0].endswith("the code") and run.evidence.used is not None):
        return None
    rate = run.config["training"]["learning_rate"]
    flags = [f"--set training.learning_rate={rate / 3:.2g}"]
    encoder = run.config["spec"]["encoder"]
    if encoder["name"] in ("mlp", "conv") and encoder.get("activation", "silu") != "silu":
        flags.insert(0, "--set encoder.activation=silu")
    text = f"Units that never change, whatever they are shown: {few(ill)}."
    return warned(
        "dead units", text, f"They are weights without a use; take {one_of(*flags, network(run, 0.5))}."
    )


def check_unused_codes(run: Run) -> Finding | None:
    """Whether much of what a code can choose, as entries of a codebook, never is."""
    used = run.evidence.used
    if used is None or (used > 0).mean() >= USED:
        return None
    bottleneck = run.config["spec"]["bottleneck"]["name"]
    what, option = CHOICES[bottleneck]
    share = used[used > 0] / used.sum()
    worth = max(2, round(float(np.exp(-(share * np.log(share)).sum()))))
    text = (
        f"{(used > 0).sum():,} of {len(used):,} {what} are ever chosen for a training row, which is worth "
        f"{worth:,} that are chosen alike often."
    )
    return warned("unused codes", text, f"Offer fewer: {option.format(worth)}.")


CHOICES = {
    "quantized": ("entries of the codebook", "--set bottleneck.entries={}"),
    "topk": ("dimensions of the code", "--latent-dim {}"),
    "mixture": ("clusters", "--set bottleneck.components={}"),
}
"""By bottleneck, what its code chooses among, and the flag that offers so many."""


def check_noise(run: Run) -> Finding | None:
    """Whether the model passes whatever it is shown, noise like anything else."""
    passed = symptom(run, "noise_passed")
    if passed is None or passed < PASSED:
        return None
    size, values = run.model.code_size, prod(run.schema.shape)
    text = (
        f"{percent(passed)} of a little noise that was added to held-out rows came out again: the code has "
        f"{size:,} numbers for {values:,} values, and copies them instead of summing up."
    )
    smaller = f"--latent-dim {max(1, min(size, values) // 4)}"
    return warned(
        "noise fitted", text, f"Restrain the code: {one_of(smaller, '--recipe denoising', '--recipe vae')}."
    )


def check_residual(run: Run) -> Finding | None:
    """Whether what is left over has a structure as simple as a straight line."""
    found = symptom(run, "residual")
    if found is None or restrained(run) or found["ours"] < LEFT * found["pca"]:
        return None
    if found["pca"] < 1e-6 * run.metrics["held_out"]["mean_mse"]:
        return None
    text = (
        f"{percent(found['share'])} of the residual of the training rows lie along one direction"
        f"{along(run)}, with {found['ours'] / found['pca']:.1f} times the mean square that PCA with as many "
        f"numbers leaves along any."
    )
    loss = run.config["spec"]["loss"]
    free = "--set loss.link=identity" if loss.get("link", "identity") != "identity" else ""
    larger = f"--latent-dim {run.model.code_size + 1}"
    longer = f"--epochs {3 * run.config['training']['epochs']}"
    return warned(
        "structure in the residual", text, f"It can still be learned: {one_of(free, longer, larger)}."
    )


def along(run: Run) -> str:
    """The columns of a table that the residual's direction is made of."""
    direction = run.evidence.residual
    if direction is None or run.schema.kind != "table" or len(direction) != len(run.schema.columns):
        return ""
    most = np.argsort(-np.abs(direction), kind="stable")[:3]
    return f" (most of all {few([run.schema.value_columns[i].name for i in most])})"


def check_blur(run: Run) -> Finding | None:
    """Whether images come back without their fine detail, though that is no noise."""
    found = symptom(run, "detail")
    if found is None or found["ours"] >= DETAIL or found["smooth"] < SMOOTH:
        return None
    text = (
        f"{percent(found['ours'])} of the differences between neighbouring pixels come back, in PCA's images "
        f"{percent(found['pca'])}; what is missing is no noise: its neighbouring pixels correlate by "
        f"{found['smooth']:.2f}."
    )
    larger = f"--latent-dim {2 * run.model.code_size}"
    bottleneck = run.config["spec"]["bottleneck"]
    weaker = f"--set bottleneck.beta={bottleneck['beta'] / 4:g}" if bottleneck.get("beta") else ""
    return warned("blur", text, f"Give the detail room: {one_of(larger, weaker, network(run, 2))}.")


def check_dimensions(run: Run) -> Finding | None:
    """Whether dimensions of the code say the same as others."""
    codes = run.evidence.codes
    if codes is None or len(codes) < 20 or codes.shape[1] < 2:
        return None
    pairs = sorted(alike(codes), key=lambda pair: -abs(pair[0]))
    if not pairs:
        return None
    size = codes.shape[1]
    shown = few([f"{i} and {j} ({r:+.3f})" for r, i, j in pairs])
    text = f"Dimensions of the code, counted from 0, that say the same, with their rank correlation: {shown}."
    copied = len({j for _, _, j in pairs})
    fewer = f"--latent-dim {max(1, size - copied)}"
    return warned(
        "copied dimensions", text, f"Take what is needed: {one_of(fewer, '--recipe wae', '--recipe vae')}."
    )


MOST = 64
"""Dimensions that are compared with each other at the most: those that vary most."""


def alike(codes: Array) -> list[tuple[float, int, int]]:
    """Pairs of columns of `codes (n, d)` whose rank correlation is at least `SAME` in size."""
    spread = codes.std(axis=0)
    moving = np.sort(np.argsort(-spread, kind="stable")[:MOST])
    moving = moving[spread[moving] > 1e-3 * max(float(spread.max()), 1e-300)]
    r = rank_correlation(codes[:, moving], codes[:, moving])
    found = zip(*np.nonzero(np.triu(np.abs(r) >= SAME, 1)), strict=True)
    return [(float(r[i, j]), int(moving[i]), int(moving[j])) for i, j in found]


def check_leakage(run: Run) -> Finding | None:
    """Whether held-out rows were all but seen in the training."""
    found = [finding for finding in from_config(run.config) if finding.name in LEAKS]
    if not found:
        return None
    return warned("split leakage", " ".join(finding.evidence for finding in found), found[0].advice)


LEAKS = ("near-copies", "order")
"""Findings of a fit that `check_leakage` reports together."""


CHECKS: dict[str, Check] = {
    "posterior collapse": check_collapse,
    "dead units": check_dead_units,
    "underfitting": check_underfitting,
    "overfitting": check_overfitting,
    "unused codes": check_unused_codes,
    "noise fitted": check_noise,
    "structure in the residual": check_residual,
    "blur": check_blur,
    "copied dimensions": check_dimensions,
    "split leakage": check_leakage,
}
"""Every check by the name of its finding, causes before what follows from them."""

FOLLOWS: dict[str, tuple[str, ...]] = {
    "posterior collapse": (
        "underfitting",
        "structure in the residual",
        "blur",
        "dead units",
        "copied dimensions",
    ),
    "dead units": ("underfitting", "structure in the residual", "blur", "copied dimensions"),
    "underfitting": ("blur",),
    "overfitting": ("noise fitted",),
}
"""What follows from a finding and is not said beside it."""

FROM_THE_FIRST = ("copied dimensions", "split leakage")
"""Checks that rest on what every run folder holds."""
