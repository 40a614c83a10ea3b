"""The run folder: plain files, nothing in them executed. The only module that writes or reads one.

config.json           what was fitted to what, and how: enough to build the model again
model.safetensors     its weights
history.jsonl         one line per epoch
metrics.json          its errors beside PCA's, and the verdict
evidence.safetensors  held-out examples and codes that the report shows, and rows to compare others with
SHA256SUMS            of the files above, as `sha256sum -c` reads them, so that no damage goes unseen
report.html           the page
README.md             the card: what it is, how good, what for

Until it is finished a run has but its config and `checkpoint/state.safetensors`: the weights, the best
ones so far and all else that its training needs to go on (see `checkpoint.py`). While there is a folder
`checkpoint` the run is unfinished, whatever else there is.
"""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
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
from narrows.core.records import Batch, Seen
from narrows.core.weights import copy_into
from narrows.data.checks import check_finite, real
from narrows.data.kinds import from_json
from narrows.data.scaling import Scaling
from narrows.data.schema import Array, Schema
from narrows.data.sources import Values, as_source
from narrows.model.build import Model, Objective, build
from narrows.model.networks.own import OWN, Own
from narrows.runs.code_density import Density
from narrows.runs.evidence import Evidence
from narrows.runs.migration import current
from narrows.training.batches import Rows
from narrows.training.checkpoint import Checkpoint

LONGEST = 200
"""Bytes in the name of a run folder, to which file systems must be able to add."""

FAR = 1e9
"""Beyond this, on the model's scale, squares of float32 lose all that is ordinary."""

SUMS = "SHA256SUMS"

FILES = ("config.json", "model.safetensors", "history.jsonl", "metrics.json", "evidence.safetensors", SUMS)


@dataclass(eq=False)
class Run:
    """A fitted model with all that is needed to use it and to judge it.

    Attributes:
        config: the choices, the data's description, seed and versions: JSON values only.
        objective: the model with what it was trained for.
        scaling: between the data and the model's scale.
        schema: what one example is.
        density: where the codes of the training part lie.
        history: one record per epoch.
        metrics: the verdict and the errors it rests on.
        evidence: arrays that the report and the doctor show, and rows to compare others with.
        unfinished: how far its training is and how it goes on; nothing when it is finished.
        own: networks from outside that the spec names, as they were given.
        earlier: the run as it was after earlier epochs, by their number, if its training kept them.
    """

    config: dict[str, Any]
    objective: Objective
    scaling: Scaling
    schema: Schema
    density: Density
    history: list[dict[str, Any]] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    unfinished: str = ""
    own: Own = field(default_factory=dict)
    earlier: dict[int, Run] = field(default_factory=dict)

    @property
    def model(self) -> Model:
        return self.objective.model

    @property
    def weights(self) -> dict[str, Tensor]:
        """All numbers that were learned, by name."""
        earlier = ((n, k, v) for n, run in self.earlier.items() for k, v in run.weights.items())
        return {
            **self.model.state_dict(),
            **{f"density.{k}": v for k, v in self.density.state_dict().items()},
            **{f"epoch.{n}.{k}": v for n, k, v in earlier},
        }

    def encode(self, values: Values) -> Array:
        """Codes `(n, code_size)` of `values (n, *schema.shape)` as they came; the same each time.

        Values of 64 bits are computed in 64 bits, and give such codes.
        """
        return self.apply(values, lambda model, batch: model.encode(batch))

    def reconstruct(self, values: Array) -> Array:
        """What is left of `values` after the bottleneck, in the same shape and type."""
        return self.apply(values, lambda model, batch: self.as_came(model.reconstruct(batch)))

    def as_came(self, x: Tensor) -> Tensor:
        """`x (n, *model_shape)` on the model's scale as examples `(n, *schema.shape)`, in the data's type."""
        return self.schema.restore(x, self.scaling)

    def impute(self, values: Array) -> Array:
        """`values` with the model's guess where a cell is missing, and unchanged elsewhere."""
        return np.where(np.isnan(values), self.reconstruct(values), values)

    def decode(self, codes: Array) -> Array:
        """Values as they would have come, `(n, *schema.shape)`, of `codes (n, code_size)`."""
        size = self.model.code_size
        codes = real(codes, "The codes")
        if codes.ndim != 2 or codes.shape[1] != size:
            raise InputError(f"Codes of shape (n, {size}) are wanted, but these have shape {codes.shape}.")
        check_finite(codes, "The codes", allow_nan=False)
        codes = np.asarray(codes, dtype=precise(codes))
        with inference(self.model, precise(codes)) as model:
            pieces = torch.split(torch.as_tensor(codes), 1000)
            return np.concatenate([self.as_came(model.decode(z)).numpy() for z in pieces])

    def decode_scaled(self, codes: Array) -> Array:
        """What `codes (n, code_size)` decode to, on the model's scale and flat."""
        with inference(self.model) as model:
            pieces = torch.split(torch.as_tensor(codes, dtype=torch.float32), 1000)
            return np.concatenate([model.decode(z).flatten(1).numpy() for z in pieces])

    def scaled(self, values: Array) -> Array:
        """`values` on the model's scale, one flat row per example; NaN where a cell is missing."""
        batches = self._batches(values, torch.float32)
        rows = (torch.where(b.observed(), b.x, torch.nan).flatten(1).numpy() for b in batches)
        return gathered(rows, len(values))

    def reconstruct_scaled(self, values: Array) -> Array:
        """Reconstructions of `values` on the model's scale, one flat row per example."""
        return self.apply(values, lambda model, batch: model.reconstruct(batch).flatten(1))

    def corrupted(self, values: Values) -> Array:
        """`values` as the training's corruption leaves them, on the model's scale and flat.

        They are the same each time.
        """
        rows = (torch.where(b.observed(), s.x, torch.nan).flatten(1).numpy() for b, s in self._seen(values))
        return gathered(rows, len(values))

    def restored(self, values: Values) -> Array:
        """What the model makes of `corrupted` values, likewise flat and on its scale."""
        with inference(self.model) as model:
            found = (model.restore(seen, batch.context) for batch, seen in self._seen(values))
            return gathered((y.flatten(1).numpy() for y in found), len(values))

    def _seen(self, values: Values) -> Iterator[tuple[Batch, Seen]]:
        """Batches of `values`, and what the corruption leaves of each."""
        for i, batch in enumerate(self._batches(values, torch.float32)):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(i)
                seen = self.objective.corruption(self._known(batch))
            yield batch, seen

    def unscaled(self, rows: Array) -> Array:
        """Flat rows on the model's scale as examples, in the type the data came in."""
        shaped = torch.as_tensor(rows).reshape(-1, *self.schema.model_shape)
        return self.as_came(shaped).numpy()

    def check(self, values: Values) -> None:
        """Refuse `values` that could not be used, before time is spent on others.

        Raises:
            InputError: as `encode` would.
        """
        for _ in self._batches(values, torch.float32):
            pass

    def apply(self, values: Values, use: Callable[[Model, Batch], Tensor]) -> Array:
        """`use(model, batch)` of `values`, batch by batch, as one array; a batch is on the model's scale."""
        dtype = precise(values)
        with inference(self.model, dtype) as model:
            batches = self._batches(values, getattr(torch, dtype))
            found = (use(model, self._known(batch)).numpy() for batch in batches)
            return gathered(found, len(values))

    def _known(self, batch: Batch) -> Batch:
        """A batch without what the model learned nothing of: columns that were constant are 0."""
        return replace(batch, x=self.scaling.known(batch.x))

    def _batches(self, values: Values, dtype: torch.dtype) -> Iterator[Batch]:
        """Checked batches of `values` as they came, in numbers of `dtype`.

        Raises:
            InputError: for values that are no examples of the schema, or lie absurdly far out.
        """
        if not len(values):
            raise InputError("The data have no rows.")
        for first, piece in as_source(values).pieces():
            piece = real(piece, "The data")
            self.schema.check(piece)
            check_finite(piece, "The data", allow_nan=self.schema.may_miss, first=first)
            arranged = self.schema.arrange(piece)
            rows = Rows(arranged, self.scaling, dtype=dtype, collate=self.schema.collate)
            for i, batch in enumerate(rows.batches(1000)):
                if batch.x.abs().max() > FAR:
                    wild = (batch.x.abs() > FAR).flatten(1).any(dim=1)
                    row = first + 1000 * i + int(wild.nonzero()[0])
                    raise InputError(
                        f"Row {row} holds a value over {FAR:g} times as far out as the training part "
                        f"reaches; remove or replace it."
                    )
                yield batch

    def save(self, folder: Path, pages: Mapping[str, str] | None = None) -> None:
        """Write all files beside `folder`, then move them there, so that it is whole or absent.

        Args:
            folder: where the run shall be.
            pages: texts to go along, by file name: the report.

        Raises:
            NoRoomError: when the disk is full.
            InputError: when `folder` exists, or cannot be written for another reason.
        """
        if os.path.lexists(folder):
            raise InputError(f"{folder} exists already; choose another folder, or remove it.")
        if self.unfinished:
            raise InputError(self.unfinished)
        with new_folder(folder) as stage:
            for name, content in self._files(pages or {}).items():
                replace_file(stage / name, content)

    def finish(self, checkpoint: Checkpoint, pages: Mapping[str, str]) -> None:
        """Write all files into the folder of an unfinished run, each whole, and so finish it.

        Raises:
            NoRoomError: when the disk is full; the run is as unfinished as before.
            TrainingError: when it cannot be written for another reason, likewise.
        """
        with checkpoint.writing():
            for name, content in self._files(pages).items():
                replace_file(checkpoint.run / name, content)
        checkpoint.finish()

    def _files(self, pages: Mapping[str, str]) -> dict[str, bytes]:
        """All files of the run by name."""
        weights = {name: value.contiguous() for name, value in self.weights.items()}
        files = {
            "model.safetensors": save(weights),
            "history.jsonl": "".join(json.dumps(record) + "\n" for record in self.history).encode(),
            "metrics.json": json_bytes(self.metrics),
            "evidence.safetensors": save_arrays(self.evidence.arrays()),
        }
        config = {"config.json": json_bytes(self.config)}
        texts = {name: text.encode() for name, text in pages.items()}
        return {**files, SUMS: checksums({**config, **files}), **texts, **config}

    @classmethod
    def load(cls, folder: Path, own: Own | None = None) -> Run:
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
                    return cls._so_far(folder, kept, own)
            config = cls._config(folder, FILES)
            check_checksums(folder, SUMS, FILES[:-1])
            run = cls.from_config(config, own)
            lines = (folder / "history.jsonl").read_text("utf-8").splitlines()
            run.history = [json.loads(line) for line in lines]
            run.metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
            run.fill(load_file(folder / "model.safetensors"), str(folder))
            run.evidence = Evidence.from_arrays(load_arrays(folder / "evidence.safetensors"))
        return run

    @classmethod
    def _so_far(
        cls, folder: Path, kept: tuple[dict[str, Tensor], dict[str, Any]] | None, own: Own | None
    ) -> Run:
        """The run that is not finished yet, with the best weights that were kept of it."""
        on = f"go on with: narrows fit DATA --out {folder} --resume"
        if kept is None:
            raise InputError(f"{folder} has no checkpoint yet, its training has just begun; {on}")
        tensors, numbers = kept
        config = cls._config(folder, ("config.json",))
        run = cls.from_config({**config, "density": {"components": 1}}, own)
        best = {name.removeprefix("best."): v for name, v in tensors.items() if name.startswith("best.")}
        copy_into(run.objective.state_dict(), best, str(folder))
        run.density.factors.copy_(torch.ones_like(run.density.factors).tril().triu())
        run.history = numbers["history"]
        epochs = f"epoch {len(run.history)} of {config['training']['epochs']}"
        run.unfinished = f"{folder} has not finished training, {epochs} is done; {on}"
        return run

    @staticmethod
    def _config(folder: Path, files: Sequence[str]) -> dict[str, Any]:
        """The config of the run in `folder`, in which `files` have to be."""
        for name in files:
            if not (folder / name).is_file():
                raise InputError(f"{folder} is not a run folder: it has no {name}.")
        config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
        return current(config, folder)

    @classmethod
    def from_config(cls, config: dict[str, Any], own: Own | None = None) -> Run:
        """The run that `config` describes, its weights not filled in yet.

        Raises:
            InputError: for a config that no run can have, or networks from outside other than it names.
        """
        for half in own or {}:
            name = config["spec"][half]["name"]
            if name != OWN:
                raise InputError(f"The run's {half} is {name!r}, and none of your own: pass no {half}=.")
        schema = from_json(config["schema"])
        scaling = Scaling.from_json(config["scaling"])
        objective = build(config["spec"], schema.domain(scaling), own).eval()
        density = Density(config["density"]["components"], objective.model.code_size)
        run = cls(config, objective, scaling, schema, density, own=own or {})
        alone = {**config, "snapshots": []}
        run.earlier = {number: cls.from_config(alone, own) for number in config.get("snapshots", ())}
        return run

    def fill(self, weights: Mapping[str, Tensor], where: str) -> None:
        """Take `weights` over, if their names and shapes are just those of the model."""
        copy_into(self.weights, weights, where)


def gathered(parts: Iterable[Array], n: int) -> Array:
    """`parts`, one after the other, as one array of `n` rows.

    Each is copied at once: many small arrays kept among large ones that go would hold up the memory.
    """
    whole, filled = np.empty(0), 0
    for part in parts:
        if not filled:
            whole = np.empty((n, *part.shape[1:]), part.dtype)
        whole[filled : filled + len(part)] = part
        filled += len(part)
    return whole


def precise(values: Values) -> str:
    """The type to compute in: that of real numbers of 64 bits, else 32."""
    return "float64" if values.dtype.kind == "f" and values.dtype.itemsize >= 8 else "float32"


@contextmanager
def inference(model: Model, dtype: str = "float32") -> Iterator[Model]:
    """The model to evaluate without gradients, in numbers of `dtype`; the given one stays as it was."""
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            yield copy.deepcopy(model).double() if dtype == "float64" else model
    finally:
        model.train(training)


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
