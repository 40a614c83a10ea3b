"""Flags of the command line that a finding advises."""

from __future__ import annotations

from narrows.doctor.case import RunCase


def one_of(*flags: str) -> str:
    """The flags that there are, as a choice.

    >>> one_of("--epochs 5", "", "--recipe vae")
    '--epochs 5 or --recipe vae'
    """
    named = [flag for flag in flags if flag]
    return " or ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def network(case: RunCase, factor: float) -> str:
    """A network `factor` times as wide; nothing for networks without a width."""
    encoder = case.spec["encoder"]
    if encoder["name"] == "mlp":
        widths = encoder.get("widths", [512, 256])
        return "--set encoder.widths=" + "[" + ",".join(str(max(2, int(w * factor))) for w in widths) + "]"
    if encoder["name"] == "conv":
        return f"--set encoder.channels={max(2, int(encoder.get('channels', 32) * factor))}"
    return ""


def longer(case: RunCase) -> str:
    """Three times as many epochs."""
    return f"--epochs {3 * case.training['epochs']}"


def slower(case: RunCase) -> str:
    """A third of the learning rate."""
    return f"--set training.learning_rate={case.training['learning_rate'] / 3:.2g}"


def halved(size: int) -> str:
    """A code of half the size."""
    return f"--latent-dim {size // 2}" if size > 1 else ""


def weaker(case: RunCase, factor: float, default: float = 0.0) -> str:
    """A divergence that weighs `factor` times less than the spec says, or `default`; nothing for none."""
    beta = case.spec["bottleneck"].get("beta", default)
    return f"--set bottleneck.beta={beta / factor:g}" if beta else ""
