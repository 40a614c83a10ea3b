"""The sizes of the batches of an epoch."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import torch
from torch import Tensor

from narrows.core.processes import ALONE, Processes


def sizes_of(n: int, size: int, among: Processes = ALONE) -> list[int]:
    """The sizes of the batches of `n` examples, `size` each but the last.

    A last one of less than two examples for each `among` processes joins the batch before it: batch
    normalisation has no variance of one.

    >>> sizes_of(9, 4), sizes_of(10, 4), sizes_of(1, 4), sizes_of(11, 4, Processes(0, 2))
    ([4, 5], [4, 4, 2], [1], [4, 7])
    """
    full, rest = divmod(n, size)
    sizes = [size] * full + ([rest] if rest else [])
    if len(sizes) > 1 and sizes[-1] < 2 * among.size:
        sizes[-2:] = [sum(sizes[-2:])]
    return sizes


def fitting(sizes: deque[int], n: int) -> list[int]:
    """Those that `n` examples are enough for, which are taken from the left of `sizes`.

    >>> fitting(deque([4, 4, 2]), 9)
    [4, 4]
    """
    here: list[int] = []
    while sizes and sizes[0] <= n:
        here.append(sizes.popleft())
        n -= here[-1]
    return here


def batch_indices(order: Tensor, size: int, among: Processes = ALONE) -> Iterator[Tensor]:
    """`order` cut into batches of `sizes_of`; of each the share of this one `among` processes.

    >>> [len(b) for b in batch_indices(torch.arange(9), 4)]
    [4, 5]
    """
    for index in torch.split(order, sizes_of(len(order), size, among)):
        yield index[among.share(len(index))]
