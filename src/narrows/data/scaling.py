"""From values as they came to the model's scale and back, chosen by looking at the training part."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from narrows.core.errors import InputError, few
from narrows.core.records import Domain
from narrows.data.schema import Array, Schema

Nature = Literal["binary", "grey", "bounded", "counts", "real", "mixed"]

LOSSES_FOR: dict[Nature, dict[str, dict[str, Any]]] = {
    "binary": {"error": {"name": "bernoulli"}, "likelihood": {"name": "bernoulli"}},
    "grey": {"error": {"name": "bernoulli"}, "likelihood": {"name": "bernoulli"}},
    "bounded": {
        "error": {"name": "squared", "link": "sigmoid"},
        "likelihood": {"name": "gaussian", "link": "sigmoid"},
    },
    "counts": {"error": {"name": "poisson"}, "likelihood": {"name": "poisson"}},
    "real": {"error": {"name": "squared"}, "likelihood": {"name": "gaussian"}},
    "mixed": {"error": {"name": "mixed"}, "likelihood": {"name": "mixed", "numbers": "gaussian"}},
}
"""The loss for each nature of values: an error to descend, or a likelihood to set against a KL."""

COUNTS = "counts (whole numbers, many zeros, no ceiling)"

HEAVY = 50.0
"""A tail is heavy when it reaches further than this many interquartile ranges from the median."""


NAMES = ("offset", "scale", "centre", "spread", "floor", "ceiling")


def arsinh(x: Tensor) -> Tensor:
    """log(x + √(x² + 1)), written out because the runtimes of exported graphs lack it for doubles."""
    size = x.abs()
    near = size.clamp(max=1e9)  # whose square every type holds
    found = torch.log1p(near + near**2 / (1 + torch.sqrt(near**2 + 1)))
    return x.sign() * torch.where(size > near, math.log(2) + size.log(), found)


def sinh(x: Tensor) -> Tensor:
    """The way back from `arsinh`."""
    return (torch.exp(x) - torch.exp(-x)) / 2


class Scaling(nn.Module):
    """x ↦ (x - offset) / scale, after arsinh((x - centre) / spread) where tails are heavy.

    A scale of 0 marks a constant: a model is shown 0 for it (`known`), and it is itself again on the way
    back.

    Args:
        nature: what the values are, which decides the loss.
        offset: broadcasts over one example in the model's layout.
        scale: as offset.
        centre: as offset; where `spread` is 0 there is no arsinh.
        spread: as offset.
        floor: as offset; the least value of the training part, as it came. Outputs stay above it,
            so that what cannot be negative never is.
        ceiling: as floor; the greatest.
        low: least value of the training part, on the model's scale.
        high: greatest value likewise.
        dtype: of the values as they came.
        unit: what one squared unit of the model's scale counts in reports.
    """

    offset: Tensor
    scale: Tensor
    centre: Tensor
    spread: Tensor
    floor: Tensor
    ceiling: Tensor
    step: Tensor

    def __init__(
        self,
        nature: Nature,
        *,
        offset: Array,
        scale: Array,
        centre: Array,
        spread: Array,
        floor: Array,
        ceiling: Array,
        low: float,
        high: float,
        dtype: str,
        unit: float,
    ) -> None:
        super().__init__()
        self.nature: Nature = nature
        self.low, self.high, self.dtype, self.unit = low, high, dtype, unit
        self.precision = (
            torch.float32 if np.dtype(dtype).itemsize <= 2 or dtype == "float32" else torch.float64
        )
        arrays = (offset, scale, centre, spread, floor, ceiling)
        for name, value in zip(NAMES, arrays, strict=True):
            self.register_buffer(name, torch.as_tensor(value, dtype=self.precision), persistent=False)
        self.register_buffer("step", self.scale.where(self.scale > 0, 1.0), persistent=False)
        self.bent, self.shifted = bool(np.any(spread)), bool(np.any(offset))
        self.partial = bool(np.any(np.asarray(scale) == 0))

    def forward(self, x: Tensor) -> Tensor:
        """`x (batch, *shape)` as it came, in the model's layout, to the model's scale, in `precision`."""
        x = x.to(self.precision)
        if self.bent:
            bent = arsinh((x - self.centre) / self.spread.where(self.spread > 0, 1.0))
            x = torch.where(self.spread > 0, bent, x)
        if self.shifted:
            x = x - self.offset
        return x / self.step

    def known(self, x: Tensor) -> Tensor:
        """`x` on the model's scale, with 0 for what was constant: nothing was learned of how it varies."""
        return torch.where(self.scale > 0, x, 0.0) if self.partial else x

    def inverse(self, x: Tensor) -> Tensor:
        """The way back, still real numbers."""
        x = x.to(self.precision) * self.scale + self.offset
        if self.bent:
            x = torch.where(self.spread > 0, sinh(x) * self.spread + self.centre, x)
        return x

    def restore(self, x: Tensor) -> Array:
        """The way back to values of the type they came in: rounded, and inside the type's range."""
        values: Array = self.inverse(x).clamp(self.floor, self.ceiling).cpu().numpy()
        kind = np.dtype(self.dtype)
        if kind.kind == "b":
            return values >= 0.5
        if kind.kind in "iu":
            limits = np.iinfo(kind)
            # The largest of 64 bits rounds up to a float that is no such integer any more.
            top = np.nextafter(float(limits.max), 0) if kind.itemsize == 8 else limits.max
            return np.rint(values).clip(limits.min, top).astype(kind)
        return values.astype(kind)

    def to_json(self) -> dict[str, Any]:
        arrays = {name: getattr(self, name).tolist() for name in NAMES}
        plain = {name: getattr(self, name) for name in ("nature", "low", "high", "dtype", "unit")}
        return {**plain, **arrays}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Scaling:
        arrays = {name: np.asarray(record[name], dtype=np.float64) for name in NAMES}
        if record["nature"] not in LOSSES_FOR or np.dtype(record["dtype"]).kind not in "buif":
            raise InputError(f"No scaling is for {record['nature']!r} values of {record['dtype']!r}.")
        fine = [np.isfinite(array).all() for array in arrays.values()]
        if not all(fine) or (arrays["scale"] < 0).any() or (arrays["spread"] < 0).any():
            raise InputError("The scaling holds numbers that are not finite or below 0.")
        return cls(**{**record, **arrays})

    def domain(self, schema: Schema) -> Domain:
        """What the parts of a model may know of data on this scale."""
        blocks = schema.blocks if self.nature == "mixed" else ()
        return Domain(schema.model_shape, self.low, self.high, blocks)


@dataclass(frozen=True, slots=True)
class Choice:
    """A scaling, its one-word name, the sentences that say why, and the share of missing values."""

    scaling: Scaling
    name: str
    why: tuple[str, ...]
    missing: float = 0.0

    @property
    def losses(self) -> dict[str, dict[str, Any]]:
        return LOSSES_FOR[self.scaling.nature]


def choose(values: Array, schema: Schema) -> Choice:
    """The scaling for `values`, the training part in the model's layout.

    NaN, a missing cell of a table, is passed over.
    """
    found = choose_for_images(values, schema) if schema.kind == "images" else choose_for_table(values, schema)
    share = float(np.isnan(values).mean()) if values.dtype.kind == "f" else 0.0
    if not share:
        return found
    why = (
        f"{100 * share:.2g} % of the cells are missing: they count neither in the input nor in the loss; "
        f"training hides as many more, so that the model learns to fill them in."
    )
    return replace(found, why=(*found.why, why), missing=share)


def choose_for_images(values: Array, schema: Schema) -> Choice:
    """One scale for all pixels, so that an image stays an image."""
    low, high = float(values.min()), float(values.max())
    grey = values.shape[1] == 1
    if is_binary(values):
        why = f"The pixels take two values, {low:g} and {high:g}: scaled to 0 and 1, Bernoulli loss."
        return affine("binary", low, high - low, schema, "range", (low, high), why=why)
    if is_counts(values):
        spread = float(values.std())
        why = f"The pixels are {COUNTS}: divided by their spread, Poisson loss."
        return affine("counts", 0, spread, schema, "spread", (low, high), why=why)
    if low < high and reach(values)[0] > HEAVY:
        spread = float(values.std())
        why = (
            f"A few pixels lie far out (up to {high:g}): divided by the spread, {spread:.4g}, not the range."
        )
        return affine("real", float(values.mean()), spread, schema, "spread", (low, high), why=why)
    bottom, top, why = limits(low, high, schema.dtype)
    loss = "one channel in [0, 1], Bernoulli loss" if grey else "colours in [0, 1], squared loss"
    return affine(
        "grey" if grey else "bounded",
        bottom,
        top - bottom,
        schema,
        "range",
        (bottom, top),
        why=f"{why}: {loss}.",
    )


def limits(low: float, high: float, dtype: str) -> tuple[float, float, str]:
    """The range that becomes [0, 1], and why that one."""
    if dtype == "uint8":
        return 0, 255, "8-bit pixels are divided by 255"
    if dtype.startswith("float") and low >= 0 and 0.5 < high <= 1:
        return 0, 1, "The pixels are already in [0, 1]"
    if low == high:
        return low, low, f"All pixels are {low:g}, so there is nothing to learn"
    return low, high, f"The range of the training part, {low:.4g} to {high:.4g}, becomes 0 to 1"


def affine(
    nature: Nature,
    offset: float,
    scale: float,
    schema: Schema,
    name: str,
    span: tuple[float, float],
    *,
    why: str,
) -> Choice:
    """One offset and scale for all values; reports count on the scale where `span` is [0, 1]."""
    step = scale or 1.0
    width = span[1] - span[0] or 1.0
    scaling = Scaling(
        nature,
        offset=np.asarray(offset),
        scale=np.asarray(scale),
        centre=np.asarray(0.0),
        spread=np.asarray(0.0),
        floor=np.asarray(span[0]),
        ceiling=np.asarray(span[1]),
        low=(span[0] - offset) / step,
        high=(span[1] - offset) / step,
        dtype=schema.dtype,
        unit=(step / width) ** 2,
    )
    return Choice(scaling, name, (why,))


def choose_for_table(values: Array, schema: Schema) -> Choice:
    """One scale per column."""
    x = values.astype(np.float64)
    words = np.array([bool(column.levels) for column in schema.wide])
    everything, nothing = np.ones(x.shape[1], dtype=bool), np.zeros(x.shape[1], dtype=bool)
    if not words.any() and is_binary(x):
        why = "All cells are 0 or 1: left as they are, Bernoulli loss."
        return columnwise("binary", x, schema, "none", (why,), left=everything, heavy=nothing)
    if not words.any() and is_counts(x):
        why = f"The cells are {COUNTS}: each column is divided by its spread, Poisson loss."
        return columnwise("counts", x, schema, "spread", (why,), left=nothing, heavy=nothing)
    heavy = ~words & (reach(x) > HEAVY) & (np.nanstd(x, axis=0) > 0)
    reasons = []
    if not words.all():
        reasons.append("Columns of real numbers: each is standardised to mean 0 and spread 1, squared loss.")
    if heavy.any():
        reasons.append(
            f"Heavy tails in {named(heavy, schema)}: drawn in by arsinh, and back on every output."
        )
    reasons += in_words(schema)
    nature: Nature = "mixed" if words.any() else "real"
    return columnwise(nature, x, schema, "standard", tuple(reasons), left=words, heavy=heavy)


def in_words(schema: Schema) -> list[str]:
    """Sentences about the columns of words."""
    found = []
    booleans = [column.name for column in schema.columns if column.nature == "boolean"]
    if booleans:
        found.append(f"Yes or no in {few(booleans)}: 0 and 1, Bernoulli loss.")
    categories = [f"{c.name} ({len(c.levels)})" for c in schema.columns if c.nature == "category"]
    if categories:
        found.append(f"Categories in {few(categories)}: one value for each word, 0 or 1; softmax loss.")
    return found


def columnwise(
    nature: Nature,
    x: NDArray[np.float64],
    schema: Schema,
    name: str,
    why: tuple[str, ...],
    *,
    left: NDArray[np.bool_],
    heavy: NDArray[np.bool_],
) -> Choice:
    """An offset and scale per column of `x`, after arsinh where tails are `heavy`.

    The columns that are `left` as they are keep their numbers; counts are divided by their spread
    and not moved, so that none of them is 0.
    """
    centre, spread = np.where(heavy, np.nanmedian(x, axis=0), 0.0), np.where(heavy, quartile_range(x), 0.0)
    bent = np.where(heavy, np.arcsinh((x - centre) / np.where(heavy, spread, 1.0)), x)
    offset = np.zeros(x.shape[1]) if nature == "counts" else np.where(left, 0.0, np.nanmean(bent, axis=0))
    scale = np.where(left, 1.0, np.nanstd(bent, axis=0))
    # Of equal numbers the computed spread may be a rounding error instead of 0.
    constant = np.nanmax(bent, axis=0) == np.nanmin(bent, axis=0)
    scale = np.where(constant & ~left, 0.0, scale)
    offset = np.where(constant & ~left, np.nanmin(bent, axis=0), offset)
    scaled = (bent - offset) / np.where(scale > 0, scale, 1.0)
    scaling = Scaling(
        nature,
        offset=offset,
        scale=scale,
        centre=centre,
        spread=spread,
        floor=np.nanmin(x, axis=0),
        ceiling=np.nanmax(x, axis=0),
        low=float(np.nanmin(scaled)),
        high=float(np.nanmax(scaled)),
        dtype=schema.dtype,
        unit=1.0,
    )
    return Choice(scaling, name, (*why, *constants(x, schema)))


def is_binary(x: Array) -> bool:
    """Whether just two values occur: any two in images of integers, else 0 and 1."""
    found = x[~np.isnan(x)] if x.dtype.kind == "f" else x
    low, high = found.min(), found.max()
    if low == high or (x.dtype.kind == "f" and (low, high) != (0, 1)):
        return False
    return bool(((found == low) | (found == high)).all())


def is_counts(x: Array) -> bool:
    """Whether values look like counts: whole, at least 0, a tenth of them 0, few at the top."""
    if x.dtype == np.uint8 or x.dtype == np.bool_:
        return False
    found = x[~np.isnan(x)] if x.dtype.kind == "f" else x
    if found.min() < 0 or (found != np.rint(found)).any():
        return False
    zeros, ceiling = (found == 0).mean(), (found == found.max()).mean()
    return bool(zeros >= 0.1 and ceiling < 0.001 + 1 / found.size and found.max() > 2)


def quartile_range(x: Array) -> NDArray[np.float64]:
    """The interquartile range of each column (of all values, for images)."""
    columns = x if x.ndim == 2 else x.reshape(-1, 1)
    low, high = np.nanpercentile(columns, [25, 75], axis=0)
    return np.asarray(high - low, dtype=np.float64)


def reach(x: Array) -> NDArray[np.float64]:
    """How far each column reaches from its median, in interquartile ranges; 0 where those are 0."""
    if x.dtype == np.uint8:
        return np.zeros(1)  # 256 values have no tails to speak of
    columns = x if x.ndim == 2 else x.reshape(-1, 1)
    middle, width = np.nanmedian(columns, axis=0), quartile_range(x)
    furthest = np.nanmax(np.abs(columns - middle), axis=0)
    return np.asarray(np.where(width > 0, furthest / np.where(width > 0, width, 1.0), 0.0))


def constants(x: Array, schema: Schema) -> tuple[str, ...]:
    """A sentence about columns that never change, if there are any."""
    still = np.nanmax(x, axis=0) == np.nanmin(x, axis=0)
    # A category never changes if none of its levels does; one level that never occurs is nothing new.
    starts = schema.starts
    assert starts is not None
    constant = np.logical_and.reduceat(still, starts)[owner(schema)]
    if not constant.any():
        return ()
    return (f"Constant: {named(constant, schema)}; nothing to learn there, returned as they are.",)


def owner(schema: Schema) -> NDArray[np.intp]:
    """Of each value of a table in the model's layout, the number of the block it belongs to."""
    return np.repeat(np.arange(len(schema.blocks)), [block.width for block in schema.blocks])


def named(which: NDArray[np.bool_], schema: Schema) -> str:
    """The columns with a value marked in `which`, the first few by name."""
    wide = schema.wide
    return few(list(dict.fromkeys(wide[i].name for i in np.flatnonzero(which))))
