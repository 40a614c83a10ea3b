"""Functions run by several processes at once, as torchrun starts them."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch

from narrows.core.processes import joined
from narrows.report import live

os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")  # as the command line sets it
PLAIN = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"

LOADED = ["pytest", "pandas", "sklearn.datasets", "narrows.cli", "narrows.fitting.fit", "narrows.report"]
"""What is imported once for all processes."""


class Ended(NamedTuple):
    """How a process ended: what its function returned, the code, and what it printed."""

    result: Any = None
    code: int = -1
    out: str = ""
    err: str = ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def by_processes(function: Callable[..., Any], *arguments: Any, size: int = 2) -> list[Ended]:
    """How each of `size` processes ended that called `function` at once; -1 for one that was killed."""
    context: Any = multiprocessing.get_context(PLAIN)
    if PLAIN == "forkserver":
        context.set_forkserver_preload(LOADED)
    pipes = [context.Pipe(duplex=False) for _ in range(size)]
    port, folder = free_port(), str(Path.cwd())
    processes = [
        context.Process(target=run, args=(pipe[1], rank, size, port, folder, function, arguments))
        for rank, pipe in enumerate(pipes)
    ]
    for process, (_, theirs) in zip(processes, pipes, strict=True):
        process.start()
        theirs.close()
    ended = [received(ours) for ours, _ in pipes]
    for process in processes:
        process.join(60)
    return ended


def received(pipe: Any) -> Ended:
    try:
        return Ended(*pipe.recv())
    except EOFError:
        return Ended()


def run(
    pipe: Any, rank: int, size: int, port: int, folder: str, function: Callable[..., Any], arguments: Any
) -> None:
    torch.set_num_threads(1)
    os.chdir(folder)
    live.BUILT = Path("nothing")
    os.environ |= {
        "RANK": str(rank),
        "WORLD_SIZE": str(size),
        "LOCAL_RANK": str(rank),
        "LOCAL_WORLD_SIZE": str(size),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    out, err, result, code = io.StringIO(), io.StringIO(), None, 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            result = function(*arguments)
        except SystemExit as end:
            code = int(end.code or 0)
        except Exception as error:
            code = getattr(error, "exit_code", 1)
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
    pipe.send((result, code, out.getvalue(), err.getvalue()))
    pipe.close()


def inside(function: Callable[..., Any], *arguments: Any) -> Any:
    """`function` called by processes that have joined."""
    with joined():
        return function(*arguments)
