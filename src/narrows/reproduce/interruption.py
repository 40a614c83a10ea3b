"""Ctrl-C while entries are measured: it ends at once, in this process and in others."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import active_children
from multiprocessing.process import BaseProcess
from typing import Any


class Stopped(BaseException):
    """Ctrl-C. A training ends early at a `KeyboardInterrupt`, and would count as whole."""


def stop(*_: Any) -> None:
    raise Stopped


@contextmanager
def stopping() -> Iterator[None]:
    """Let Ctrl-C end what is measured, without a row or a model of half a training.

    Raises:
        KeyboardInterrupt: at Ctrl-C.
    """
    if threading.current_thread() is not threading.main_thread():  # only that one has signals
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, stop)
    try:
        yield
    except Stopped:
        raise KeyboardInterrupt from None
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def deaf() -> Iterator[None]:
    """Processes that are started here leave Ctrl-C to this one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def ending_children() -> Iterator[None]:
    """End the processes that were started here and still run, as after Ctrl-C or an error."""
    before = set(active_children())
    try:
        yield
    except BaseException:
        started: set[BaseProcess] = set(active_children()) - before
        for process in started:
            process.terminate()
        raise
