"""Write and read run folders: plain files, of which none is executed.

config.json           spec, description of the data, training: all that is needed to build the model
model.safetensors     its weights
history.jsonl         one line per epoch
metrics.json          its errors and PCA's, and the verdict
evidence.safetensors  held-out examples and codes for the report, and reference rows
SHA256SUMS            checksums of the files above, in the format of `sha256sum -c`
report.html           the report
README.md             the model card

An unfinished run has only its config and `checkpoint/state.safetensors`: the last and the best weights, and
the state of the training (see `training/checkpoint.py`). A run is unfinished while the folder `checkpoint`
exists.
"""

from __future__ import annotations

import json
import os
import re
import shlex
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
from narrows.core.weights import all_half, copy_into, narrowed, widened
from narrows.model.networks.own import Own
from narrows.runs.evidence import Evidence
from narrows.runs.migration import current
from narrows.runs.run import Run
from narrows.training.checkpoint import Checkpoint

MAX_NAME_BYTES = 200
"""The longest name of a run folder. File systems allow 255 bytes, and temporary names are longer."""

SUMS = "SHA256SUMS"
"""The file with the checksums."""

FILES = ("config.json", "model.safetensors", "history.jsonl", "metrics.json", "evidence.safetensors", SUMS)
"""The files that a finished run must have."""


def save_run(run: Run, folder: Path, pages: Mapping[str, str] | None = None) -> None:
    """Write a run to a new folder, which is complete or absent.

    Args:
        run: a finished run.
        folder: the path of the new folder.
        pages: further texts by file name: the report and the card.

    Raises:
        NoRoomError: when the disk is full.
        InputError: when `folder` exists, or cannot be written for another reason.
    """
    if os.path.lexists(folder):
        raise InputError(f"{folder} exists already; choose another folder, or remove it.")
    if run.unfinished:
        raise InputError(run.unfinished)
    with new_folder(folder) as new:
        for name, content in contents(run, pages or {}).items():
            replace_file(new / name, content)


def finish_run(run: Run, checkpoint: Checkpoint, pages: Mapping[str, str]) -> None:
    """Write all files into the folder of an unfinished run, and then remove its checkpoint.

    Raises:
        NoRoomError: when the disk is full; the run stays unfinished.
        TrainingError: when the files cannot be written for another reason; the run stays unfinished.
    """
    with checkpoint.writing():
        for name, content in contents(run, pages).items():
            replace_file(checkpoint.run / name, content)
    checkpoint.finish()


def contents(run: Run, pages: Mapping[str, str]) -> dict[str, bytes]:
    """The contents of all files of a run by name; the config is last."""
    weights = {name: value.contiguous() for name, value in run.weights.items()}
    files = {
        "model.safetensors": save(narrowed(weights) if all_half(run.model) else weights),
        "history.jsonl": "".join(json.dumps(record) + "\n" for record in run.history).encode(),
        "metrics.json": json_bytes(run.metrics),
        "evidence.safetensors": save_arrays(run.evidence.arrays()),
    }
    config = {"config.json": json_bytes(written_config(run))}
    texts = {name: text.encode() for name, text in pages.items()}
    return {**files, SUMS: checksums({**config, **files}), **texts, **config}


ADDED = ("interrupted", "density", "snapshots", "label_names")
"""The entries that `written_config` adds to the config of a run, and `load_finished` removes."""


def written_config(run: Run) -> dict[str, Any]:
    """The config of a run with the results of the fit that are needed to read its other files."""
    return {
        **run.config,
        "interrupted": run.interrupted,
        "density": {"components": len(run.density.weights)},
        "snapshots": list(run.earlier),
        "label_names": list(run.evidence.label_names),
    }


def load_run(folder: Path, own: Own | None = None) -> Run:
    """Read a run folder, after a comparison of its files with their checksums.

    An unfinished run has the best weights so far, and a message in `unfinished`.

    Args:
        folder: of the run.
        own: the user's modules for networks that the spec calls "own"; the folder has only their weights.

    Raises:
        DamagedRunError: when a file is damaged.
        InputError: when a file or a module is missing, or the weights are not the model's.
    """
    with undamaged(folder):
        if unfinished(folder):
            kept = Checkpoint(folder).read()
            if kept or unfinished(folder):  # another process may have finished it
                return load_unfinished(folder, kept, own)
        config = read_config(folder, FILES)
        check_checksums(folder, SUMS, FILES[:-1])
        return load_finished(folder, config, own)


def load_finished(folder: Path, config: dict[str, Any], own: Own | None) -> Run:
    """The run of `config`, with the contents of the other files in `folder`."""
    added = {name: config.pop(name) for name in ADDED if name in config}
    components = added["density"]["components"]
    run = Run.from_config(config, own, components)
    run.earlier = {number: Run.from_config(config, own, components) for number in added.get("snapshots", ())}
    copy_into(run.weights, widened(load_file(folder / "model.safetensors")), str(folder))
    run.history = [json.loads(line) for line in (folder / "history.jsonl").read_text("utf-8").splitlines()]
    run.metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
    run.interrupted = bool(added.get("interrupted"))
    evidence = Evidence.from_arrays(load_arrays(folder / "evidence.safetensors"))
    run.evidence = replace(evidence, label_names=tuple(added.get("label_names", ())))
    return run


def load_unfinished(
    folder: Path, kept: tuple[dict[str, Tensor], dict[str, Any]] | None, own: Own | None
) -> Run:
    """An unfinished run with its best weights; `kept` are the tensors and numbers of its checkpoint."""
    on = f"go on with: {command_to_resume(folder)}"
    if kept is None:
        raise InputError(f"{folder} has no checkpoint yet, because its training has just begun; {on}")
    tensors, numbers = kept
    run = Run.from_config(read_config(folder, ("config.json",)), own)
    best = {name.removeprefix("best."): v for name, v in tensors.items() if name.startswith("best.")}
    copy_into(run.objective.state_dict(), best, str(folder))
    run.density.factors.copy_(torch.ones_like(run.density.factors).tril().triu())
    run.history = numbers["history"]
    epochs = f"epoch {len(run.history)} of {run.config['training']['epochs']}"
    run.unfinished = f"{folder} has not finished training, {epochs} is done; {on}"
    return run


def command_to_resume(folder: Path) -> str:
    """The command that goes on with the run in `folder`: the one that began it, with --out and --resume."""
    begun = json.loads((folder / "config.json").read_text("utf-8")).get("command", "narrows fit DATA")
    words = shlex.split(begun)
    given = {word.partition("=")[0] for word in words}
    out = [] if "--out" in given else ["--out", str(folder)]
    return shlex.join([*words, *out, *([] if "--resume" in given else ["--resume"])])


def read_config(folder: Path, files: Sequence[str]) -> dict[str, Any]:
    """The config of the run in `folder`, in the current version of the format.

    Raises:
        InputError: when one of `files` is missing, or the version is unknown.
    """
    for name in files:
        if not (folder / name).is_file():
            raise InputError(f"{folder} is not a run folder: it has no {name}.")
    config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    return current(config, folder)


def check_free(folder: Path) -> None:
    """Refuse, before training, a folder for a run that exists already or cannot be created.

    Raises:
        InputError: with the reason.
    """
    if unfinished(folder):
        with undamaged(folder):
            on = command_to_resume(folder)
        raise InputError(f"{folder} holds an unfinished run; choose another folder, or go on with: {on}")
    if os.path.lexists(folder):
        raise InputError(f"{folder} exists already; choose another folder, or remove it.")
    parent = next(p for p in folder.absolute().parents if os.path.lexists(p))
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"{folder} cannot be written: {parent} is not a folder that can be written to.")
    if len(os.fsencode(folder.name)) > MAX_NAME_BYTES:
        raise InputError(f"The name of the run folder has over {MAX_NAME_BYTES} bytes; give a shorter one.")


def free_folder(name: str) -> Path:
    """The first of `runs/<name>`, `runs/<name>-2`, `runs/<name>-3` … that does not exist."""
    base = Path("runs") / name
    candidates = (base if i == 1 else base.with_name(f"{base.name}-{i}") for i in range(1, 10_000))
    return next(folder for folder in candidates if not folder.exists())


def folder_to_resume(name: str) -> Path:
    """The newest unfinished one of `runs/<name>[-N]`; if there is none, a free one."""
    folders = Path("runs").iterdir() if Path("runs").is_dir() else ()
    mine = [f for f in folders if re.fullmatch(re.escape(name) + r"(-\d+)?", f.name) and unfinished(f)]
    newest = max(mine, key=lambda f: (f / "config.json").stat().st_mtime_ns, default=None)
    return newest or free_folder(name)


def model_bytes(run: Run, width: int | None = None) -> int:
    """The size of the weights that a reader needs, of `width` bytes each: as stored, if not given."""
    width = width or (2 if all_half(run.model) else 4)
    return width * sum(weight.numel() for weight in run.model.state_dict().values())
