"""Corruptions of the input of the encoder; the target stays clean.

A denoising autoencoder learns to undo a corruption (Vincent et al. 2008). For `narrows restore` a
corruption also knows the form of damaged data, and which of their values are right.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError, show
from narrows.core.records import Batch, Domain, Seen


class Corruption(nn.Module):
    """Maps a batch to the encoder's input, the target, and the values that enter the loss.

    Most corruptions only implement `corrupt`, and the target is the clean batch. Of pairs it is the noisy
    example that is corrupted further.

    Attributes:
        damages: whether undoing it is the purpose of a model, as for watermarks; noise may also be there to
            regularise a code.
        blind: whether the examples are noisy themselves, so that what is made of them is compared with values
            that the encoder did not see, as in training.
    """

    damages = False
    blind = False

    adjective: ClassVar[str] = "damaged"
    """What an example is called after it."""

    reference = (
        "Vincent, Larochelle, Bengio & Manzagol 2008. Extracting and composing robust features with "
        "denoising autoencoders. ICML."
    )

    same_size = True
    """Whether damaged examples of a user have the size of undamaged ones."""

    same_channels = True
    """Whether they have the channels of undamaged ones."""

    def forward(self, batch: Batch) -> Seen:
        if batch.given is not None:
            return Seen(self.corrupt(batch.given), batch.x, batch.mask)
        x = self.corrupt(batch.x)
        return Seen(x if batch.mask is None else torch.where(batch.mask, x, 0.0), batch.x, batch.mask)

    def corrupt(self, x: Tensor) -> Tensor:
        """Corrupted values `(batch, *shape)` from clean ones of the same shape."""
        raise NotImplementedError

    def present(self, damaged: Tensor, came: Tensor) -> Tensor:
        """The encoder's input `(batch, *shape)` for damaged examples of a user.

        Args:
            damaged: `(batch, …)` on the model's scale.
            came: the same, not scaled.
        """
        return damaged

    def agree(self, restored: Tensor, seen: Tensor) -> Tensor:
        """`restored` with those values that are certain in the input `seen`; both `(batch, *shape)`."""
        return restored


class Clean(Corruption):
    """No corruption."""

    reference = ""

    def __init__(self, domain: Domain) -> None:
        super().__init__()

    def corrupt(self, x: Tensor) -> Tensor:
        return x


def check_images(name: str, domain: Domain) -> None:
    """Refuse data that are not images."""
    if len(domain.shape) != 3:
        raise InputError(
            f"The corruption {name!r} is for images, not for data of shape {show(domain.shape)}."
        )
