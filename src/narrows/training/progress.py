"""Progress of long work on stderr: a bar on a terminal, elsewhere a line for each epoch of a training."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

from tqdm import tqdm

from narrows.training.history import Epoch

T = TypeVar("T")


def counted(things: Iterable[T], n: int, quiet: bool) -> Iterable[T]:
    """All `n` of `things`, with a bar on a terminal that says how far they are."""
    return tqdm(things, total=n, disable=quiet or not sys.stderr.isatty(), file=sys.stderr)


class Progress:
    """Shows epochs on stderr, with the time that is left.

    Args:
        quiet: whether to show nothing.
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.bar: tqdm[None] | None = None

    def __enter__(self) -> Callable[[Epoch], None]:
        return self.show

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def show(self, epoch: Epoch) -> None:
        if self.quiet:
            return
        losses = f"train {epoch.train['total']:.4g} validation {epoch.validation['total']:.4g}"
        if not sys.stderr.isatty():
            line = f"epoch {epoch.number}/{epoch.epochs} {losses} {epoch.left:.0f} s left"
            print(line, file=sys.stderr, flush=True)
            return
        if self.bar is None:
            self.bar = tqdm(initial=epoch.number - 1, total=epoch.epochs, unit="epoch", file=sys.stderr)
        self.bar.set_postfix_str(losses)
        self.bar.update(1)
