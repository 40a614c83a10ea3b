"""The interface of the part `pose`."""

from __future__ import annotations

from torch import nn

from narrows.core.records import Domain


class Poses(nn.Module):
    """Built from the domain of the data.

    Attributes:
        names: of the numbers that describe a pose.
    """

    reference = ""
    names: tuple[str, ...] = ()

    def within(self, domain: Domain) -> Domain:
        """The domain of upright images, for which the networks are built."""
        raise NotImplementedError


class Unposed(Poses):
    """Examples are coded as they are."""

    def __init__(self, domain: Domain) -> None:
        super().__init__()

    def within(self, domain: Domain) -> Domain:
        return domain
