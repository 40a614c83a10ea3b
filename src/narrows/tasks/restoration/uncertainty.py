"""How much a denoised image depends on how the noisy one was turned."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch

from narrows.data.schema import Array
from narrows.runs.inference import precise
from narrows.runs.run import Run
from narrows.tasks.restoration.denoise import Network, check_image, way_for

MEANING = (
    "the standard deviation over the image turned by quarters and mirrored: it shows where the result "
    "depends on that, not what the network gets wrong each time"
)


class Spread(NamedTuple):
    """The mean and the standard deviation of what is made of an image in all its orientations.

    Attributes:
        mean: `(channels, height, width)`, in units of the training data.
        std: in the same shape and units.
    """

    mean: Array
    std: Array


def spread(run: Run, image: Array, name: str = "The image") -> Spread:
    """Denoise `image (height, width[, channels])` in each orientation, turned back.

    There are eight; of a model of images of one size that are not square those four that keep the size.

    Args:
        run: a fitted run.
        image: as the data came.
        name: of the image, for error messages.
    """
    check_image(run, image, name)
    layout = run.schema.arrange(run.schema.as_fitted(image[None], run.scaling))[0]
    total, squares, n = np.zeros(layout.shape), np.zeros(layout.shape), 0
    first: Array | None = None
    dtype = precise(image)
    with run.in_use(dtype) as model:
        network = Network(run, model, getattr(torch, dtype), name)
        way, ends = way_for(run, network, layout), run.ends(layout[None])
        for turned, back in orientations(layout):
            if run.model.field is None and turned.shape != layout.shape:
                continue
            made = back(network.whole(np.ascontiguousarray(turned), way)).astype(np.float64).clip(*ends)
            first = made if first is None else first
            total, squares, n = total + (made - first), squares + (made - first) ** 2, n + 1
    assert first is not None
    std = np.sqrt(np.maximum(squares / n - (total / n) ** 2, 0))
    mean = run.scaling.inverse(torch.as_tensor(first + total / n)).numpy()
    return Spread(mean, std * float(run.scaling.step.max()))


def orientations(x: Array) -> list[tuple[Array, Any]]:
    """`x (channels, height, width)` turned by quarters and mirrored, each with what undoes it."""

    def undo(quarters: int, mirrored: bool) -> Any:
        def back(made: Array) -> Array:
            turned = np.rot90(made, -quarters, axes=(1, 2))
            return turned[:, :, ::-1] if mirrored else turned

        return back

    return [
        (np.rot90(x[:, :, ::-1] if mirrored else x, quarters, axes=(1, 2)), undo(quarters, mirrored))
        for mirrored in (False, True)
        for quarters in range(4)
    ]
