"""What long work is doing now, for whoever shows its progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str], None]

LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


def step(text: str) -> None:
    """Tell the listener, if there is one, what begins now: "verdict: fitting PCA"."""
    listener = LISTENER.get()
    if listener is not None:
        listener(text)


@contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Tell `listener` of all steps inside."""
    token = LISTENER.set(listener)
    try:
        yield
    finally:
        LISTENER.reset(token)
