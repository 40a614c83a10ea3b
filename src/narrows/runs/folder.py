"""The run folder: plain files, nothing in them executed. The only module that writes or reads one.

config.json           what was fitted to what, and how: enough to build the model again
model.safetensors     its weights
history.jsonl         one line per epoch
metrics.json          its errors beside PCA's, and the verdict
evidence.safetensors  held-out examples and codes that the report shows, and rows to compare others with
SHA256SUMS            of the files above, as `sha256sum -c` reads them, so that damage is noticed
report.html           the page
README.md             the card: what it is, how good, what for

An unfinished run has only its config and `checkpoint/state.safetensors`: the weights, the best ones so far
and all else that its training needs to go on (see `training/checkpoint.py`). While there is a folder
`checkpoint` the run is unfinished, whatever else there is.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.numpy import load_file as load_arrays
from safetensors.numpy import save as save_arrays
from safetensors.torch import load_file, save
from torch import Tensor

from narrows.core.errors import InputError
from narrows.core.files import (
    check_checksums,
    checksums,
    json_bytes,
    new_folder,
    replace_file,
    undamaged,
    unfinished,
)
from narrows.core.weights import copy_into
from narrows.model.networks.own import Own
from narrows.runs.evidence import Evidence
from narrows.runs.migration import current
from narrows.runs.run import Run
from narrows.training.checkpoint import Checkpoint

LONGEST = 200
"""Bytes in the name of a run folder, to which file systems must be able to add."""

SUMS = "SHA256SUMS"

FILES = ("config.json", "model.safetensors", "history.jsonl", "metrics.json", "evidence.safetensors", SUMS)


def save_run(run: Run, folder: Path, pages: Mapping[str, str] | None = None) -> None:
    """Write all files beside `folder`, then move them there, so that it is whole or absent.

    Args:
        run: a finished run.
        folder: where the run shall be.
        pages: texts to go along, by file name: the report.

    Raises:
        NoRoomError: when the disk is full.
        InputError: when `folder` exists, or cannot be written for another reason.
    """
    if os.path.lexists(folder):
        raise InputError(f"{folder} exists already; choose another folder, or remove it.")
    if run.unfinished:
        raise InputError(run.unfinished)
    with new_folder(folder) as stage:
        for name, content in contents(run, pages or {}).items():
            replace_file(stage / name, content)


def finish_run(run: Run, checkpoint: Checkpoint, pages: Mapping[str, str]) -> None:
    """Write all files into the folder of an unfinished run, each whole, and so finish it.

    Raises:
        NoRoomError: when the disk is full; the run is as unfinished as before.
        TrainingError: when it cannot be written for another reason, likewise.
    """
    with checkpoint.writing():
        for name, content in contents(run, pages).items():
            replace_file(checkpoint.run / name, content)
    checkpoint.finish()


def contents(run: Run, pages: Mapping[str, str]) -> dict[str, bytes]:
    """All files of a run by name, the config last."""
    weights = {name: value.contiguous() for name, value in run.weights.items()}
    files = {
        "model.safetensors": save(weights),
        "history.jsonl": "".join(json.dumps(record) + "\n" for record in run.history).encode(),
        "metrics.json": json_bytes(run.metrics),
        "evidence.safetensors": save_arrays(run.evidence.arrays()),
    }
    config = {"config.json": json_bytes(written_config(run))}
    texts = {name: text.encode() for name, text in pages.items()}
    return {**files, SUMS: checksums({**config, **files}), **texts, **config}


ADDED = ("interrupted", "density", "snapshots", "label_names")
"""What `written_config` adds to the config of a run, and `load_finished` takes out again."""


def written_config(run: Run) -> dict[str, Any]:
    """The config, and what the training and the data added that a reader needs to build the run again."""
    return {
        **run.config,
        "interrupted": run.interrupted,
        "density": {"components": len(run.density.weights)},
        "snapshots": list(run.earlier),
        "label_names": list(run.evidence.label_names),
    }


def load_run(folder: Path, own: Own | None = None) -> Run:
    """Read a run folder; what it says is compared with what it holds before it is used.

    Networks from outside are not in the folder, but their weights are: `own` gives them again.

    A run that is not finished comes with the best weights so far and says so in `unfinished`.

    Raises:
        DamagedRunError: when a file is damaged.
        InputError: when a file is missing, or the weights are not the model's.
    """
    with undamaged(folder):
        if unfinished(folder):
            kept = Checkpoint(folder).read()
            if kept or unfinished(folder):  # it may have been finished meanwhile
                return load_unfinished(folder, kept, own)
        config = read_config(folder, FILES)
        check_checksums(folder, SUMS, FILES[:-1])
        return load_finished(folder, config, own)


def load_finished(folder: Path, config: dict[str, Any], own: Own | None) -> Run:
    """The run of `config` with the contents of its other files."""
    added = {name: config.pop(name) for name in ADDED if name in config}
    components = added["density"]["components"]
    run = Run.from_config(config, own, components)
    run.earlier = {number: Run.from_config(config, own, components) for number in added.get("snapshots", ())}
    copy_into(run.weights, load_file(folder / "model.safetensors"), str(folder))
    run.history = [json.loads(line) for line in (folder / "history.jsonl").read_text("utf-8").splitlines()]
    run.metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
    run.interrupted = bool(added.get("interrupted"))
    evidence = Evidence.from_arrays(load_arrays(folder / "evidence.safetensors"))
    run.evidence = replace(evidence, label_names=tuple(added.get("label_names", ())))
    return run


def load_unfinished(
    folder: Path, kept: tuple[dict[str, Tensor], dict[str, Any]] | None, own: Own | None
) -> Run:
    """The run that is not finished yet, with the best weights that were kept of it."""
    on = f"go on with: narrows fit DATA --out {folder} --resume"
    if kept is None:
        raise InputError(f"{folder} has no checkpoint yet, its training has just begun; {on}")
    tensors, numbers = kept
    run = Run.from_config(read_config(folder, ("config.json",)), own)
    best = {name.removeprefix("best."): v for name, v in tensors.items() if name.startswith("best.")}
    copy_into(run.objective.state_dict(), best, str(folder))
    run.density.factors.copy_(torch.ones_like(run.density.factors).tril().triu())
    run.history = numbers["history"]
    epochs = f"epoch {len(run.history)} of {run.config['training']['epochs']}"
    run.unfinished = f"{folder} has not finished training, {epochs} is done; {on}"
    return run


def read_config(folder: Path, files: Sequence[str]) -> dict[str, Any]:
    """The config of the run in `folder`, in which `files` have to be."""
    for name in files:
        if not (folder / name).is_file():
            raise InputError(f"{folder} is not a run folder: it has no {name}.")
    config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    return current(config, folder)


def check_free(folder: Path) -> None:
    """Refuse a folder for a run that exists already or cannot be made, before anything is trained.

    Raises:
        InputError: with the reason.
    """
    if unfinished(folder):
        raise InputError(f"{folder} holds an unfinished run; go on with --resume, or choose another --out.")
    if os.path.lexists(folder):
        raise InputError(f"{folder} exists already; choose another folder with --out, or remove it.")
    parent = next(p for p in folder.absolute().parents if os.path.lexists(p))
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"{folder} cannot be written: {parent} is no folder that can be written to.")
    if len(os.fsencode(folder.name)) > LONGEST:
        raise InputError(f"The name of the run folder has over {LONGEST} letters; shorten it with --out.")


def free_folder(name: str) -> Path:
    """`runs/<name>`, or with -2, -3 … the first that does not exist."""
    base = Path("runs") / name
    tries = (base if i == 1 else base.with_name(f"{base.name}-{i}") for i in range(1, 10_000))
    return next(folder for folder in tries if not folder.exists())


def folder_to_resume(name: str) -> Path:
    """The newest of `runs/<name>[-N]` that is unfinished; where none is, a free one."""
    found = Path("runs").iterdir() if Path("runs").is_dir() else ()
    mine = [f for f in found if re.fullmatch(re.escape(name) + r"(-\d+)?", f.name) and unfinished(f)]
    newest = max(mine, key=lambda f: (f / "config.json").stat().st_mtime_ns, default=None)
    return newest or free_folder(name)
