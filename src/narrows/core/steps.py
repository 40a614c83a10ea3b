"""What long work is doing now, for whoever shows its progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 1.0
"""Seconds after which a step is said."""

INTERVAL = 5.0
"""Seconds between two lines about things that are counted."""

Listener = Callable[[str], None]

LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


def step(text: str) -> None:
    """Tell the listener, if there is one, what begins now: "verdict: fitting PCA"."""
    listener = LISTENER.get()
    if listener is not None:
        listener(text)


def stepped(
    things: Iterable[T], n: int, what: str, size: Callable[[T], int] = lambda thing: 1
) -> Iterator[T]:
    """All of `things`; if they take long, the listener is told now and then how far they are.

    Args:
        things: `n` of them, or of what `size` counts in each.
        n: in all.
        what: happens to them: "encoding".
        size: how many are in one.
    """
    began = time.monotonic()
    done, due = 0, began + PATIENCE
    for thing in things:
        now = time.monotonic()
        if done and now >= due:
            step(f"{what} {done:,}/{n:,}, {(now - began) * max(0, n - done) / done:.0f} s left")
            due = now + INTERVAL
        yield thing
        done += size(thing)


@contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Tell `listener` of all steps inside."""
    token = LISTENER.set(listener)
    try:
        yield
    finally:
        LISTENER.reset(token)
