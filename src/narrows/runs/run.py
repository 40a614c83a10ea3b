"""A fitted model in use: encode, decode, reconstruct, and what is needed to judge it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from narrows.core.errors import InputError
from narrows.core.records import Batch, Seen
from narrows.data.checks import check_finite, real
from narrows.data.kinds import from_json
from narrows.data.scaling import Scaling
from narrows.data.schema import Array, Schema
from narrows.data.sources import Values
from narrows.model.build import Model, Objective, build
from narrows.model.networks.own import OWN, Own
from narrows.runs.code_density import Density
from narrows.runs.evidence import Evidence
from narrows.runs.inference import gathered, inference, precise
from narrows.runs.scaler import Scaled, Scaler


@dataclass(eq=False)
class Run:
    """A fitted model with all that is needed to use it and to judge it.

    Attributes:
        config: the choices, the data's description, seed and versions: JSON values, fixed before training.
        objective: the model with what it was trained for.
        scaling: between the data and the model's scale.
        schema: what one example is.
        density: where the codes of the training part lie.
        history: one record per epoch.
        metrics: the verdict and the errors it rests on.
        evidence: arrays that the report and the doctor show, and rows to compare others with.
        interrupted: whether the training was stopped by hand.
        unfinished: how far its training is and how it goes on; nothing when it is finished.
        own: networks from outside that the spec names, as they were given.
        earlier: the run as it was after earlier epochs, by their number, if its training kept them.
    """

    config: Mapping[str, Any]
    objective: Objective
    scaling: Scaling
    schema: Schema
    density: Density
    history: list[dict[str, Any]] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    interrupted: bool = False
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

    def encode(self, values: Values | Scaled) -> Array:
        """Codes `(n, code_size)` of `values (n, *schema.shape)` as they came; the same each time.

        Values of 64 bits are computed in 64 bits, and give such codes. Here and below, examples may also come
        `Scaled`, which saves scaling them again.
        """
        return self.apply(values, lambda model, batch: model.encode(batch))

    def reconstruct(self, values: Values | Scaled) -> Array:
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

    @property
    def scaler(self) -> Scaler:
        """From examples as they came to the model's scale."""
        return Scaler(self.schema, self.scaling)

    def scaled(self, values: Values) -> Array:
        """`values` on the model's scale, one flat row per example; NaN where a cell is missing."""
        return self.scaler.scaled(values)

    def reconstruct_scaled(self, values: Values | Scaled) -> Array:
        """Reconstructions of `values` on the model's scale, one flat row per example."""
        return self.apply(values, lambda model, batch: model.reconstruct(batch).flatten(1))

    def corrupted(self, values: Values | Scaled) -> Array:
        """`values` as the training's corruption leaves them, on the model's scale and flat.

        They are the same each time.
        """
        rows = (torch.where(b.observed(), s.x, torch.nan).flatten(1).numpy() for b, s in self._seen(values))
        return gathered(rows, len(values))

    def restored(self, values: Values | Scaled) -> Array:
        """What the model makes of `corrupted` values, likewise flat and on its scale."""
        with inference(self.model) as model:
            found = (model.restore(seen, batch.context) for batch, seen in self._seen(values))
            return gathered((y.flatten(1).numpy() for y in found), len(values))

    def _seen(self, values: Values | Scaled) -> Iterator[tuple[Batch, Seen]]:
        """Batches of `values`, and what the corruption leaves of each."""
        for i, batch in enumerate(self.scaler.batches(values)):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(i)
                seen = self.objective.corruption(self.scaler.known(batch))
            yield batch, seen

    def unscaled(self, rows: Array) -> Array:
        """Flat rows on the model's scale as examples, in the type the data came in."""
        shaped = torch.as_tensor(rows).reshape(-1, *self.schema.model_shape)
        return self.as_came(shaped).numpy()

    def apply(self, values: Values | Scaled, use: Callable[[Model, Batch], Tensor]) -> Array:
        """`use(model, batch)` of `values`, batch by batch, as one array; a batch is on the model's scale."""
        dtype = precise(values)
        with inference(self.model, dtype) as model:
            batches = self.scaler.batches(values, getattr(torch, dtype))
            found = (use(model, self.scaler.known(batch)).numpy() for batch in batches)
            return gathered(found, len(values))

    @classmethod
    def from_config(cls, config: Mapping[str, Any], own: Own | None = None, components: int = 1) -> Run:
        """The run that `config` describes, its weights not filled in yet.

        Args:
            config: as `Run.config`.
            own: networks from outside that its spec names.
            components: of the density of codes.

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
        density = Density(components, objective.model.code_size)
        return cls(config, objective, scaling, schema, density, own=own or {})
