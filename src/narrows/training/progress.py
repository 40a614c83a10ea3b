"""Progress of long work on stderr: a bar on a terminal, elsewhere lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from threading import Timer
from typing import Any, Protocol, Self, TypeVar

from tqdm import tqdm

from narrows.core.steps import INTERVAL, PATIENCE, told_to
from narrows.training.history import Epoch

T = TypeVar("T")


class Counting(Protocol):
    """Shows how many of `n` things are done while they are iterated over."""

    def __call__(self, things: Iterable[T], n: int, what: str) -> Iterable[T]: ...


def uncounted(things: Iterable[T], n: int, what: str) -> Iterable[T]:
    """All of `things`; nothing is shown."""
    return things


def counted(things: Iterable[T], n: int, what: str, *, quiet: bool) -> Iterable[T]:
    """All `n` of `things`, with a bar on a terminal that says how far they are.

    Elsewhere there is a line every `INTERVAL` seconds; none if all are done before.
    """
    if quiet or sys.stderr.isatty():
        return tqdm(things, desc=what, total=n, disable=quiet, file=sys.stderr)
    return lines(things, n, what)


def lines(things: Iterable[T], n: int, what: str) -> Iterator[T]:
    """All `n` of `things`; stderr gets a line every `INTERVAL` seconds that says how far they are."""
    began = told = time.monotonic()
    for done, thing in enumerate(things):
        now = time.monotonic()
        if now - told >= INTERVAL:
            left = (now - began) * (n - done) / max(1, done)
            print(f"{what} {done}/{n} {left:.0f} s left", file=sys.stderr, flush=True)
            told = now
        yield thing


def left(epoch: Epoch) -> str:
    """How long the training still takes at the most; nothing after its last epoch."""
    if epoch.number == epoch.epochs:
        return ""
    return f" {epoch.left:.0f} s left" if epoch.left >= 1 else " under 1 s left"


class Progress:
    """Shows epochs on stderr, with the time that is left of the training, and what comes after them.

    Args:
        quiet: whether to show nothing.
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.bar: tqdm[None] | None = None
        self.timer: Timer | None = None
        self.told = time.monotonic()
        self.listening = told_to(self.step)

    def __enter__(self) -> Self:
        self.listening.__enter__()
        return self

    def __call__(self, epoch: Epoch) -> None:
        self._settle()
        self.show(epoch)

    def __exit__(self, *error: Any) -> None:
        self.listening.__exit__(*error)
        self._settle()
        if self.bar is not None:
            self.bar.close()

    def show(self, epoch: Epoch) -> None:
        if self.quiet:
            return
        losses = f"train {epoch.train['total']:.4g} validation {epoch.validation['total']:.4g}"
        if not sys.stderr.isatty():
            line = f"epoch {epoch.number}/{epoch.epochs} {losses}{left(epoch)}"
            print(line, file=sys.stderr, flush=True)
            return
        if self.bar is None:
            self.bar = tqdm(initial=epoch.number - 1, total=epoch.epochs, unit="epoch", file=sys.stderr)
        self.bar.set_postfix_str(losses)
        self.bar.update(1)

    def phase(self, text: str) -> None:
        """Say what begins now, or why something ended."""
        self._settle()
        if self.quiet:
            return
        if self.bar is not None:
            self.bar.close()
            self.bar = None
        self._tell(text)

    def step(self, text: str) -> None:
        """Say what begins now if it lasts for `PATIENCE` seconds, or if nothing was said for `INTERVAL`."""
        self._settle()
        if self.quiet:
            return
        if time.monotonic() - self.told >= INTERVAL:
            self._tell(text)
            return
        self.timer = Timer(PATIENCE, self._tell, [text])
        self.timer.daemon = True
        self.timer.start()

    def _tell(self, text: str) -> None:
        self.told = time.monotonic()
        if self.bar is None:
            print(text, file=sys.stderr, flush=True)
        else:
            self.bar.write(text, file=sys.stderr)

    def _settle(self) -> None:
        """The step is over; it is not said any more."""
        if self.timer is not None:
            self.timer.cancel()
