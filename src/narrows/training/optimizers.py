"""How weights are updated: the optimizer, the schedule of its learning rate, and clipping of gradients."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from narrows.training.options import Training

OPTIMIZERS: dict[str, type[torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
}

MOMENTS = {
    "adam": ("step", "exp_avg", "exp_avg_sq"),
    "adamw": ("step", "exp_avg", "exp_avg_sq"),
    "sgd": ("momentum_buffer",),
}
"""What an optimizer remembers of each weight: a number called step, and tensors of the weight's shape."""


def make_optimizer(parameters: list[nn.Parameter], how: Training) -> torch.optim.Optimizer:
    """The optimizer, in its fused form: one kernel for all weights."""
    settings = {"lr": how.learning_rate, "weight_decay": how.weight_decay, "fused": True}
    memory = {"momentum": how.momentum} if how.optimizer == "sgd" else {"betas": (0.9, how.beta2)}
    return OPTIMIZERS[how.optimizer](parameters, **settings, **memory)  # type: ignore[arg-type]


def make_schedule(
    optimizer: torch.optim.Optimizer, how: Training, steps: int
) -> torch.optim.lr_scheduler.LRScheduler | None:
    """The learning rate over `steps` steps; None for a constant one."""
    if how.schedule == "constant":
        return None
    cycled = how.optimizer != "sgd"  # whose momentum was asked for
    return torch.optim.lr_scheduler.OneCycleLR(
        optimizer, how.learning_rate, max(2, steps), cycle_momentum=cycled
    )


def squared_norm(gradients: Sequence[Tensor]) -> Tensor:
    """The squared norm of all `gradients` together, `()`, on their device."""
    # A third of the time that torch.nn.utils.get_total_norm takes on a CPU.
    return torch.stack([torch.dot(g.flatten(), g.flatten()) for g in gradients]).sum()


class Clip:
    """Scales down a gradient whose norm exceeds `times` the running mean of the norms before it."""

    def __init__(self, times: float) -> None:
        self.times = times
        self.mean = 0.0

    def __call__(self, gradients: list[Tensor], norm: float) -> None:
        """Scale `gradients` in place if need be; `norm` is that of all of them together."""
        limit = self.times * self.mean
        if 0 < limit < norm:
            torch._foreach_mul_(gradients, limit / norm)
            norm = limit
        self.mean = 0.98 * self.mean + 0.02 * norm if self.mean else norm


class Updates:
    """How the weights of one stage are updated, and what of it is kept when a training is interrupted.

    Args:
        parameters: the weights.
        how: the options of the training.
        steps: of the whole stage.
    """

    def __init__(self, parameters: list[nn.Parameter], how: Training, steps: int) -> None:
        self.parameters, self.how = parameters, how
        self.optimizer = make_optimizer(parameters, how)
        self.schedule = make_schedule(self.optimizer, how, steps)
        self.clip = Clip(how.clip)

    @property
    def learning_rate(self) -> float:
        return float(self.optimizer.param_groups[0]["lr"])

    def clear(self) -> None:
        """Forget the gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    def gradients(self) -> list[Tensor]:
        """The gradients of all weights that have one."""
        return [p.grad for p in self.parameters if p.grad is not None]

    def apply(self) -> None:
        """Update the weights by their gradients, and the learning rate."""
        self.optimizer.step()
        if self.schedule is not None:
            self.schedule.step()

    def moved(self) -> list[int]:
        """The numbers of the weights that the optimizer has updated."""
        return [i for i, p in enumerate(self.parameters) if p in self.optimizer.state]

    def moments(self) -> dict[str, Tensor]:
        """What the optimizer remembers, as it is in use, by the number of the weight and its name."""
        states = ((i, self.optimizer.state.get(p, {})) for i, p in enumerate(self.parameters))
        return {f"{i}.{key}": value for i, state in states for key, value in state.items()}

    def expect(self, moved: Sequence[int], mean: float) -> None:
        """Make room for the moments of the weights `moved`, and set the mean norm of the gradients.

        Raises:
            ValueError: for a mean that no norms have.
        """
        if not 0 <= mean < math.inf:
            raise ValueError(f"gradients of mean norm {mean}")
        self.clip.mean = mean
        for i in moved:
            self.optimizer.state[self.parameters[i]] = self._no_moments(self.parameters[i])

    def _no_moments(self, parameter: nn.Parameter) -> dict[str, Tensor]:
        """What the optimizer remembers of a weight it has never updated."""
        number = torch.zeros((), device=parameter.device)
        moments = MOMENTS[self.how.optimizer]
        return {key: number if key == "step" else torch.zeros_like(parameter) for key in moments}

    def skip(self, done: int) -> None:
        """Set the learning rate to that after `done` steps."""
        if self.schedule is None:
            return
        # A count of 1 would complain that the optimizer has not stepped yet.
        counts = {"last_epoch": done - 1, "_step_count": max(2, done)}
        self.schedule.load_state_dict({**self.schedule.state_dict(), **counts})
        self.schedule.step()
