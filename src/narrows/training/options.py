"""How to train: the options of a training, and how many epochs and steps they come to."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from narrows.core.registry import within


class Sizes(NamedTuple):
    """The numbers of a training that depend on the number of its examples."""

    epochs: int
    batch_size: int
    patience: int


class Training:
    """How to train.

    Args:
        epochs: passes over the training part; None takes as many as come to about 10,000 steps,
            at least 10 and at most 100, or more for `least_steps`.
        batch_size: examples per step; None takes 32, 64 or 128 by the number of examples.
        least_steps: how many steps the epochs come to at the least, where their number is not given.
        learning_rate: the highest of the schedule.
        schedule: "one-cycle" warms up and decays to nearly 0 (Smith & Topin 2019,
            "Super-convergence"); "constant" does neither.
        optimizer: "adamw", with decoupled weight decay; "adam", with the coupled one; "sgd".
        weight_decay: as the optimizer takes it.
        momentum: of sgd.
        beta2: of adam and adamw, the decay rate of the mean of squared gradients.
        clip: a gradient whose norm exceeds this many times the running mean of the norms is scaled down
            to that; 0 never scales.
        patience: epochs without a better validation before training stops early; None takes a
            quarter of the epochs, at least 10.
        keep: the weights to end with: of the epoch with the "best" validation, or of the "last".
        layerwise: share of the epochs in which the layers of an MLP are trained one by one, from the
            data inwards, before the whole is.
        snapshots: how many epochs before the last leave a copy of their weights in the run: 1, and on with
            growing steps; what `narrows sample --by-epoch` shows.
        snapshot_every: so many epochs apart, further copies are left; of a model that is trained on corrupted
            images, the report shows what it makes of some after each epoch that left one. 0 leaves none.
        turns: random flips and 90° rotations of images, batch by batch, for data without an up and a
            down, or where what is learned is local.
        mirrors: random flips of images from left to right, each by itself, for data with an up and a down.
        balanced: an epoch takes only some of the patches that are empty, constant or saturated, so that
            they are a fifth of it as a rule; others each time.
    """

    def __init__(
        self,
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        least_steps: int = 0,
        learning_rate: float = 3e-3,
        schedule: Literal["one-cycle", "constant"] = "one-cycle",
        optimizer: Literal["adamw", "adam", "sgd"] = "adamw",
        weight_decay: float = 0.01,
        momentum: float = 0.9,
        beta2: float = 0.999,
        clip: float = 5.0,
        patience: int | None = None,
        keep: Literal["best", "last"] = "best",
        layerwise: float = 0.0,
        snapshots: int = 0,
        snapshot_every: int = 0,
        turns: bool = False,
        mirrors: bool = False,
        balanced: bool = True,
    ) -> None:
        self.epochs, self.batch_size, self.patience = epochs, batch_size, patience
        for name, value in (("epochs", epochs), ("batch_size", batch_size), ("patience", patience)):
            within(name, 1 if value is None else value, 1, 10**9)
        self.least_steps = int(within("least_steps", least_steps, 0, 10**9))
        self.learning_rate = within("learning_rate", learning_rate, 0)
        self.weight_decay = within("weight_decay", weight_decay, 0)
        self.clip = within("clip", clip, 0)
        self.momentum = within("momentum", momentum, 0, 0.999)
        self.beta2 = within("beta2", beta2, 0.5, 0.99999)
        self.layerwise = within("layerwise", layerwise, 0, 0.9)
        self.snapshots = int(within("snapshots", snapshots, 0, 100))
        self.snapshot_every = int(within("snapshot_every", snapshot_every, 0, 10**9))
        self.schedule, self.optimizer, self.keep = schedule, optimizer, keep
        self.turns, self.mirrors, self.balanced = turns, mirrors, balanced

    def sizes(self, n: int) -> Sizes:
        """Epochs, batch size and patience for `n` training examples: as given, else chosen.

        >>> Training().sizes(54_000)
        Sizes(epochs=24, batch_size=128, patience=10)
        >>> Training(batch_size=8, least_steps=4000).sizes(40)
        Sizes(epochs=800, batch_size=8, patience=200)
        """
        batch_size = self.batch_size or (128 if n >= 4096 else 64 if n >= 512 else 32)
        steps = math.ceil(n / batch_size)
        usual = min(max(10, round(10_000 / steps)), 100)
        epochs = self.epochs or max(usual, math.ceil(self.least_steps / steps))
        return Sizes(epochs, batch_size, self.patience or max(10, epochs // 4))

    def sized_for(self, n: int) -> Training:
        """The same options with epochs, batch size and patience settled for `n` training examples."""
        return Training(**{**vars(self), **self.sizes(n)._asdict()})

    @property
    def snapshot_epochs(self) -> list[int]:
        """The epochs that leave a copy: evenly spaced on a logarithmic scale, and at equal steps.

        >>> Training(epochs=24, snapshots=4).snapshot_epochs
        [1, 2, 5, 11]
        >>> Training(epochs=10, snapshot_every=2).snapshot_epochs
        [2, 4, 6, 8]
        """
        steps, epochs = self.snapshots, self.epochs or 1
        growing = {round(epochs ** (i / steps)) for i in range(steps)}
        equal = range(self.snapshot_every, epochs, self.snapshot_every) if self.snapshot_every else ()
        return sorted(growing | set(equal))
