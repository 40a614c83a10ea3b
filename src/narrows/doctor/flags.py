"""Flags of the command line that a finding advises."""

from __future__ import annotations

from narrows.core.registry import options
from narrows.doctor.case import RunCase
from narrows.model.networks import NETWORKS


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
    known = options(NETWORKS[encoder["name"]].encoder) if encoder["name"] in NETWORKS else {}
    if "widths" in known:
        widths = encoder.get("widths", known["widths"])
        return "--set encoder.widths=" + "[" + ",".join(str(max(2, int(w * factor))) for w in widths) + "]"
    name = next((name for name in ("channels", "width") if name in known), None)
    return f"--set encoder.{name}={max(2, int(encoder.get(name, known[name]) * factor))}" if name else ""


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
