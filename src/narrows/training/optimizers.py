"""How weights are updated: the optimizer, the schedule of its learning rate, and clipping of gradients.

The optimizers are torch's fused kernels, one for all weights, called without `torch.optim`: its classes
import torch's compiler, which takes a second, and do more per step than the kernel of a small model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from narrows.training.options import Training
from narrows.training.schedule import OneCycle

GUARDED = ("cpu", "cuda", "xpu")
"""Kinds of device whose fused kernels scale gradients, and leave weights alone if something is not finite."""

Moments = list[dict[str, Tensor]]
"""What is remembered of each of several weights, by name."""


class Adam:
    """Adam (Kingma & Ba 2015), or with decoupled weight decay AdamW (Loshchilov & Hutter 2019)."""

    names = ("step", "exp_avg", "exp_avg_sq")

    def __init__(self, how: Training, *, decoupled: bool) -> None:
        self.kernel = torch._fused_adamw_ if decoupled else torch._fused_adam_
        self.options = {"beta2": how.beta2, "weight_decay": how.weight_decay, "eps": 1e-8}

    def __call__(self, weights: list[Any], gradients: list[Tensor], moments: Moments, **given: Any) -> None:
        steps, means, squares = ([kept[name] for kept in moments] for name in self.names)
        torch._foreach_add_(steps, 1)
        beta1 = given.pop("momentum", 0.9)
        options = {"amsgrad": False, "maximize": False, "beta1": beta1, **self.options, **given}
        self.kernel(weights, gradients, means, squares, [], steps, **options)


class Sgd:
    """Gradient descent with momentum, which a schedule does not change."""

    def __init__(self, how: Training) -> None:
        self.names = ("momentum_buffer",) if how.momentum else ()
        self.options = {"momentum": how.momentum, "weight_decay": how.weight_decay, "dampening": 0.0}

    def __call__(self, weights: list[Any], gradients: list[Tensor], moments: Moments, **given: Any) -> None:
        buffers = [kept["momentum_buffer"] for kept in moments] if self.names else []
        options = {"nesterov": False, "maximize": False, "is_first_step": False, **given, **self.options}
        torch._fused_sgd_(weights, gradients, buffers, **options)


def make_optimizer(how: Training) -> Adam | Sgd:
    """The optimizer that `how` names."""
    return Sgd(how) if how.optimizer == "sgd" else Adam(how, decoupled=how.optimizer == "adamw")


def squared_norm(gradients: Sequence[Tensor]) -> Tensor:
    """The squared norm of all `gradients` together, `()`, on their device."""
    # A third of the time that torch.nn.utils.get_total_norm takes on a CPU.
    return torch.stack([torch.dot(g.flatten(), g.flatten()) for g in gradients]).sum()


class Clip:
    """Scales down a gradient whose norm exceeds `times` the running mean of the norms before it.

    Attributes:
        mean: the running mean, `()` on the device; 0 before the first step.
    """

    def __init__(self, times: float, device: torch.device | str = "cpu") -> None:
        self.times = times
        self.mean = torch.zeros((), device=device)

    def __call__(self, norm: Tensor) -> Tensor:
        """What to divide gradients of this `norm` by, `()`: 1, or more if they are too large."""
        first = self.mean == 0
        limited = torch.where(first, norm, torch.minimum(norm, self.times * self.mean))
        self.mean = torch.where(first, norm, 0.98 * self.mean + 0.02 * limited)
        # A norm of 0 is left as it is.
        return torch.where(limited > 0, norm / limited, 1.0)


class Updates:
    """How the weights of one stage are updated, and what of it is kept when a training is interrupted.

    Args:
        parameters: the weights, on one device.
        how: the options of the training.
        steps: of the whole stage.

    Attributes:
        state: what the optimizer remembers, by the number of the weight; of those that it has updated.
        finite: whether all totals and norms of gradients were finite so far, `()` on the device.
    """

    def __init__(self, parameters: list[nn.Parameter], how: Training, steps: int) -> None:
        self.parameters, self.how = parameters, how
        self.optimizer = make_optimizer(how)
        self.schedule = None if how.schedule == "constant" else OneCycle(how.learning_rate, steps)
        self.done = 0
        self.state: dict[int, dict[str, Tensor]] = {}
        self.device = parameters[0].device if parameters else torch.device("cpu")
        self.clip = Clip(how.clip, self.device)
        self.finite = torch.ones((), dtype=torch.bool, device=self.device)

    @property
    def learning_rate(self) -> float:
        return self.how.learning_rate if self.schedule is None else self.schedule.rate(self.done)

    def clear(self) -> None:
        """Forget the gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    def gradients(self) -> list[Tensor]:
        """The gradients of all weights that have one."""
        return [p.grad for p in self.parameters if p.grad is not None]

    @torch.no_grad()
    def apply(self, total: Tensor) -> Tensor:
        """Update the weights by their gradients of `total ()`, unless something is not finite, now or before.

        Returns:
            Whether all was finite, `()` on the device, which is not waited for.
        """
        gradients, scale = self.gradients(), None
        if self.clip.times and gradients:
            squared = squared_norm(gradients)
            total, scale = total + squared, self.clip(squared.sqrt().float())
        # Half the operations of isfinite.
        self.finite = self.finite & (total - total == 0)
        self._update(gradients, scale)
        self.done += 1
        return self.finite

    def _update(self, gradients: list[Tensor], scale: Tensor | None) -> None:
        """Update the weights by `gradients` divided by `scale`, if all is `finite`."""
        moving = [i for i, p in enumerate(self.parameters) if p.grad is not None]
        self.state |= {i: self._no_moments(i) for i in moving if i not in self.state}
        moments = [self.state[i] for i in moving]
        given: dict[str, Any] = {"lr": self.learning_rate}
        if self.schedule is not None:
            given["momentum"] = self.schedule.momentum(self.done)
        if self.device.type in GUARDED:
            given |= {"grad_scale": scale, "found_inf": (~self.finite).float()}
        elif not self.finite:
            return
        elif scale is not None:
            torch._foreach_div_(gradients, scale)
        self.optimizer([self.parameters[i] for i in moving], gradients, moments, **given)

    def moved(self) -> list[int]:
        """The numbers of the weights that the optimizer has updated."""
        return sorted(self.state)

    def moments(self) -> dict[str, Tensor]:
        """What the optimizer remembers, as it is in use, by the number of the weight and its name."""
        return {f"{i}.{key}": value for i, kept in self.state.items() for key, value in kept.items()}

    def expect(self, moved: Sequence[int], mean: float) -> None:
        """Make room for the moments of the weights `moved`, and set the mean norm of the gradients.

        Raises:
            ValueError: for a mean that no norms have.
        """
        if not 0 <= mean < math.inf:
            raise ValueError(f"gradients of mean norm {mean}")
        self.clip.mean.fill_(mean)
        self.state = {i: self._no_moments(i) for i in moved}

    def _no_moments(self, i: int) -> dict[str, Tensor]:
        """What the optimizer remembers of a weight it has never updated."""
        weight = self.parameters[i].detach()
        number = torch.zeros((), device=weight.device)
        return {
            key: number.clone() if key == "step" else torch.zeros_like(weight) for key in self.optimizer.names
        }

    def skip(self, done: int) -> None:
        """Set the learning rate to that after `done` steps."""
        self.done = done
