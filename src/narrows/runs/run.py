"""A fitted model in use: encode, decode and reconstruct."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from narrows.core.errors import InputError
from narrows.core.records import Batch, Context, Seen
from narrows.core.steps import stepped
from narrows.data.checks import check_finite, real
from narrows.data.kinds import from_json
from narrows.data.limits import type_range, widened
from narrows.data.scaling import Scaling
from narrows.data.schema import Array, Schema
from narrows.data.sources import Values, as_source
from narrows.model.build import Model, Objective, build
from narrows.model.networks.own import OWN, Own
from narrows.runs.code_density import Density
from narrows.runs.evidence import Evidence
from narrows.runs.gaps import Gaps
from narrows.runs.imputation import Imputer
from narrows.runs.inference import CPU, gathered, inference, precise, used
from narrows.runs.scaler import Scaled, Scaler


def examples(batch: Batch) -> int:
    """How many examples a batch holds."""
    return batch.n


@dataclass(eq=False)
class Run:
    """A fitted model with the description of its data and the results of its fit.

    Attributes:
        config: spec, training options, description of the data, seed and versions: JSON values, fixed before
            training.
        objective: the training objective, which contains the model.
        scaling: from values in the model's layout to the model's scale.
        schema: the description of one example.
        density: the distribution of the codes of the training part.
        history: one record per epoch.
        metrics: the verdict and the errors that it is based on.
        evidence: arrays for the report and the doctor, and reference rows.
        interrupted: whether the user stopped the training.
        unfinished: of an unfinished run a message that says how to continue; else empty.
        own: the user's modules for networks that the spec calls "own".
        earlier: the run after earlier epochs, by their number, if the training kept them.
        device: where the model computes; the weights are kept on the CPU.
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
    device: torch.device = CPU

    @property
    def model(self) -> Model:
        """The model in the objective."""
        return self.objective.model

    @property
    def restoring(self) -> bool:
        """Whether the model is judged by what it restores of corrupted rows.

        It is where that is its purpose (`Objective.restores`), and where it was fitted to pairs.
        """
        return self.objective.restores or bool(self.config.get("pairs"))

    @property
    def blind(self) -> bool:
        """Whether it was fitted to noisy examples alone, and is compared with values that it did not see."""
        return self.objective.corruption.blind

    @property
    def target(self) -> str:
        """What restored rows are compared with, in words."""
        if self.blind:
            return "noisy values that no method was given"
        return "the frames beside them" if self.config.get("exchanged") else "the clean rows"

    @property
    def weights(self) -> dict[str, Tensor]:
        """The weights of the model, of its earlier epochs, and of the density, by name."""
        earlier = ((n, k, v) for n, run in self.earlier.items() for k, v in run.weights.items())
        return {
            **self.model.state_dict(),
            **{f"density.{k}": v for k, v in self.density.state_dict().items()},
            **{f"epoch.{n}.{k}": v for n, k, v in earlier},
        }

    @property
    def by_epoch(self) -> dict[int, Run]:
        """The run with the weights of each epoch that it keeps, by number; the last is the run itself."""
        final = max(epoch["number"] for epoch in self.history if epoch["improved"])
        return {**self.earlier, final: self}

    def in_use(self, dtype: str = "float32") -> AbstractContextManager[Model]:
        """The model with weights of `dtype`, which computes without gradients on the run's device.

        Apple's devices have no float64, which is computed on the CPU.
        """
        lacks = self.device.type == "mps" and dtype == "float64"
        return inference(self.model, dtype, CPU if lacks else self.device)

    def encode(self, values: Values | Scaled) -> Array:
        """Codes `(n, code_size)` of `values (n, *schema.shape)`, without sampling.

        Values of float64 are computed in float64, as are their codes. Here and below, `values` are not
        scaled, or `Scaled`, which saves time when they are used several times.

        Raises:
            InputError: for values that are no examples of the schema.
        """
        return self.apply(values, lambda model, batch: model.encode(batch))

    def poses(self, values: Values | Scaled) -> dict[str, Array]:
        """How each of `values` lies, `(n,)` by name: angle in degrees, shift_x and shift_y in pixels, scale.

        What the model does not find is left out; see `narrows.model.poses`.

        Raises:
            InputError: as `encode`.
        """
        names = self.model.pose_names
        found = self.apply(values, lambda model, batch: model.poses(batch)) if names else np.empty((0, 0)).T
        return dict(zip(names, found.T, strict=True))

    def reconstruct(self, values: Values | Scaled) -> Array:
        """Reconstructions of `values`, in their shape and dtype; see `narrows.data.limits`."""
        came = None if isinstance(values, Scaled) else values.dtype

        def finish(y: Tensor, batch: Batch) -> Tensor:
            return self.schema.ended(self.as_came(y, batch, came), batch.context)

        return self.apply(values, lambda model, batch: model.reconstruct(batch), finish)

    def as_came(self, y: Tensor, of: Batch, came: np.dtype[Any] | None = None) -> Tensor:
        """Outputs `(n, *schema.shape)`, not scaled, of `y (n, *model_shape)` on the model's scale.

        They stay within the limits of the examples `of` which they are; see `narrows.data.limits`. They have
        the unit and the type of examples that `came`, or of the training data.
        """
        limits = self.schema.limits(self.scaling, of.known())
        return self.schema.restore_as(y, self.scaling, came or np.dtype(self.schema.dtype), limits)

    def ends(self, x: Array) -> tuple[float, float]:
        """The least and the greatest output for images `x (n, *model_shape)`, all on the model's scale.

        They are numbers of the type of `x`.
        """
        ends = map(self.scaling, self.schema.limits(self.scaling, torch.as_tensor(x)))
        low, high = (np.clip(float(end), *type_range(x.dtype.name)) for end in ends)
        return float(low), float(high)

    def impute(self, values: Array) -> Array:
        """`values (n, columns)` with missing cells filled in; see `narrows.runs.imputation`.

        Raises:
            InputError: as `encode`, and for a kind of data that has no missing values.
        """
        filled = self.imputer(self.scaled(values).astype(np.float64))
        batch = self.schema.collate(torch.as_tensor(self.schema.arrange(values)), complete=False)
        shaped = torch.as_tensor(filled).reshape(-1, *self.schema.model_shape)
        made = self.schema.ended(self.schema.restore(shaped, self.scaling), batch.context)
        return np.where(np.isnan(values), made.numpy(), values)

    @cached_property
    def imputer(self) -> Imputer | Gaps:
        """Fills in missing cells of a table by the model and the reference rows, other data by the model.

        Raises:
            InputError: for a kind of data that has no missing values.
        """
        if not self.schema.may_miss:
            raise InputError(f"Only missing values are filled in, which {self.schema.kind} cannot have.")
        if not self.schema.columns:
            return Gaps(self.schema, self.reconstruct_scaled)
        kept = self.evidence.reference
        rows = np.empty((0, self.schema.size)) if kept is None else self.scaled(kept.known)
        return Imputer(self.schema, self.reconstruct_scaled, rows)

    def decode(self, codes: Array, of: Batch | None = None) -> Array:
        """Examples `(n, *schema.shape)` in the data's dtype from `codes (n, code_size)`.

        They stay in the range of the training part and of the examples `of` whose codes were mixed.

        Raises:
            InputError: for codes of another shape or that are not finite, and for a model that bypasses them.
        """
        size = self.model.code_size
        codes = real(codes, "The codes")
        if codes.ndim != 2 or codes.shape[1] != size:
            raise InputError(f"Codes of shape (n, {size}) are wanted, but these have shape {codes.shape}.")
        check_finite(codes, "The codes", allow_nan=False)
        codes = np.asarray(codes, dtype=precise(codes))
        with self.in_use(precise(codes)) as model:
            pieces = torch.split(torch.as_tensor(codes), self.schema.at_once)
            limits = None if of is None else widened(self.scaling, of.known(), together=True)
            decoded = ((z, self.schema.restore(model.decode(z), self.scaling, limits=limits)) for z in pieces)
            return np.concatenate([self.schema.ended(y, self._context(z)).numpy() for z, y in decoded])

    def _context(self, z: Tensor) -> Context:
        """What belongs to the examples of the codes `z (n, code_size)`, as of the nearest of kept rows.

        Empty where all examples have one length.
        """
        context, codes = self.kept_context
        nearest = torch.cdist(z.double(), codes).argmin(dim=1) if context else None
        return {name: each[nearest] for name, each in context.items()}

    @cached_property
    def kept_context(self) -> tuple[Context, Tensor]:
        """The context of the training rows that the run keeps, and their codes, `(m, code_size)` float64."""
        if self.evidence.reference is None or not self.schema.may_miss:
            return {}, torch.empty(0)
        rows = self.evidence.reference.train
        batch = self.scaler.together(rows)
        return batch.context, torch.as_tensor(self.encode(rows)).double() if batch.context else torch.empty(0)

    def decode_scaled(self, codes: Array) -> Array:
        """Decoded `codes (n, code_size)` on the model's scale, flat, `(n, values)`."""
        with self.in_use() as model:
            pieces = torch.split(torch.as_tensor(codes, dtype=torch.float32), self.schema.at_once)
            return np.concatenate([model.decode(z).flatten(1).numpy() for z in pieces])

    @property
    def scaler(self) -> Scaler:
        """Checks and scales examples for the model."""
        return Scaler(self.schema, self.scaling)

    def scaled(self, values: Values) -> Array:
        """`values` on the model's scale, flat, `(n, values)` float32; NaN where a cell is missing."""
        return self.scaler.scaled(values)

    def reconstruct_scaled(self, values: Values | Scaled) -> Array:
        """Reconstructions of `values` on the model's scale, flat, `(n, values)`."""
        return self.apply(values, lambda model, batch: model.reconstruct(batch).flatten(1))

    def corrupted(self, values: Values | Scaled) -> Array:
        """`values` after the corruption of the training, on the model's scale, flat, `(n, values)`.

        The random numbers are the same in each call.
        """

        def kept(batch: Batch, seen: Seen) -> Tensor:
            return seen.x if batch.given is not None else torch.where(batch.observed(), seen.x, torch.nan)

        rows = (kept(*each).flatten(1).numpy() for each in self._seen(values))
        return gathered(rows, len(values))

    def wanted(self, values: Scaled) -> Array:
        """What is compared with the reconstructions of `restored` values, `(n, values)`; NaN for nothing.

        These are the values themselves; of a `blind` model the target of the training, where it counts.
        """
        if not self.blind:
            return values.flat

        def counted(seen: Seen) -> Tensor:
            return seen.target if seen.counted is None else seen.target.where(seen.counted, torch.nan)

        return gathered((counted(seen).flatten(1).numpy() for _, seen in self._seen(values)), len(values))

    def restored(self, values: Values | Scaled, *, sample: bool = False) -> Array:
        """Reconstructions from `corrupted` values, on the model's scale, flat, `(n, values)`.

        What is certain in the corrupted values is kept, as `narrows restore` does. With `sample` codes are
        drawn, as in training, by torch's global random numbers.
        """
        agree = self.objective.corruption.agree
        made = (agree(y, seen.x).flatten(1).numpy() for seen, y in self._outputs(values, sample=sample))
        return gathered(made, len(values))

    def _outputs(self, values: Values | Scaled, *, sample: bool = False) -> Iterator[tuple[Seen, Tensor]]:
        """Batches of corrupted `values`, and the model's outputs `(batch, *model_shape)` for them."""
        with self.in_use() as model:
            for batch, seen in self._seen(values):
                yield seen, model.restore(seen, batch.context, sample=sample)

    def _seen(self, values: Values | Scaled) -> Iterator[tuple[Batch, Seen]]:
        """Batches of `values`, and each after corruption."""
        for i, batch in enumerate(self.scaler.batches(values)):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(i)
                seen = self.objective.corruption(self.scaler.without_constants(batch))
            yield batch, seen

    def unscaled(self, rows: Array, of: Array) -> Array:
        """Examples `(n, *schema.shape)`, not scaled, of flat `rows (n, values)` on the model's scale.

        They stay within the limits of the rows `of` which they were made.
        """
        y, x = (torch.as_tensor(each).reshape(-1, *self.schema.model_shape) for each in (rows, of))
        return self.schema.restore(y, self.scaling, limits=self.schema.limits(self.scaling, x)).numpy()

    def apply(
        self,
        values: Values | Scaled,
        use: Callable[[Model, Batch], Tensor],
        finish: Callable[[Tensor, Batch], Tensor] = lambda y, batch: y,
    ) -> Array:
        """The results `(n, …)` of `use(model, batch)` for all batches of `values`, on the model's scale.

        They are computed on the run's device, and what `finish` makes of them on the CPU.
        """
        dtype = precise(values)
        with self.in_use(dtype) as model:
            parts = self.scaler.batches(values, getattr(torch, dtype))
            batches = map(self.scaler.without_constants, stepped(parts, len(values), "computing", examples))
            results = (finish(used(model, use, batch), batch).numpy() for batch in batches)
            made = gathered(results, len(values))
        return made if isinstance(values, Scaled) else as_source(values).in_order(made)

    @classmethod
    def from_config(cls, config: Mapping[str, Any], own: Own | None = None, components: int = 1) -> Run:
        """The run that `config` describes, with random weights.

        Args:
            config: as `Run.config`.
            own: the user's modules for networks that the spec calls "own".
            components: of the density of codes.

        Raises:
            InputError: for an impossible config, a missing module, or one for another network.
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
