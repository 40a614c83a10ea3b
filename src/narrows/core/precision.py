"""The precision that is computed in where a model must not be rounded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


@contextmanager
def unrounded(like: Tensor) -> Iterator[None]:
    """Compute in the types of the tensors, also where products are rounded to 16 bits around it.

    Args:
        like: a tensor on the device that is computed on.
    """
    kind = like.device.type
    if not (torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind)):
        yield
        return
    with torch.autocast(kind, enabled=False):
        yield
