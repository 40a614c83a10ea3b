"""An encoder of images that lie in any pose: it finds the pose and encodes the upright image."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from narrows.core.records import Batch, Context, Features, Pose
from narrows.model.networks import Encoder
from narrows.model.poses.found import Found


class Upright(Encoder):
    """The encoder `core` of upright images, after the pose that `found` finds.

    The skips of the core are those of upright images, and the model has no receptive field.
    """

    def __init__(self, found: Found, core: Encoder) -> None:
        super().__init__()
        self.found, self.core = found, core
        self.out_shape, self.unit_interval = core.out_shape, core.unit_interval
        self.skips, self.linear, self.mixes = core.skips, core.linear, core.mixes
        self.reference = core.reference

    def forward(self, x: Tensor, context: Context) -> Features:
        return self.at(self.found(x), x, context)

    def at(self, pose: Pose, x: Tensor, context: Context) -> Features:
        """The features of images `x (batch, *shape)` that lie as `pose` says."""
        return replace(self.core(self.found.upright(x, pose), context), pose=pose)

    def upright(self, batch: Batch) -> Batch:
        """The upright images of a batch."""
        return Batch(self.found.upright(batch.x, self.found(batch.x)), context=batch.context)
