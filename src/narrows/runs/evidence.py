"""The arrays that a run keeps beside its weights: what its report, the doctor and later comparisons rest on.

In `evidence.safetensors` every array has one name. Those of the nested records here follow `PARTS`: the
examples in `Evidence.best` are `best_rows`, `best_originals` and so on.

"Held-out rows" are counted from 0 within the held-out part, in its order. Errors are mean squared errors per
value, in the unit of the scaling (see `Scaling.unit`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from narrows.data.schema import Array
from narrows.runs.reference_rows import Reference


def nothing() -> Array:
    """What stands for an array that an unfinished run has not yet."""
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class Examples:
    """A few held-out examples, and what the model makes of them.

    Attributes:
        rows: `(k,)`, which held-out rows they are.
        originals: `(k, *shape)`, as the data came.
        reconstructions: `(k, *shape)`, likewise; what the model restores of `seen` where there is that.
        seen: `(k, *shape)`, what the corruption left of the originals; only of a model that is judged by what
            it restores.
    """

    rows: Array = field(default_factory=nothing)
    originals: Array = field(default_factory=nothing)
    reconstructions: Array = field(default_factory=nothing)
    seen: Array | None = None


@dataclass(frozen=True, eq=False)
class ColumnErrors:
    """Errors on held-out rows by column of a table, `(columns,)` each, in the order of the model's layout.

    Attributes:
        ours: of the model.
        pca: of PCA.
        mean: of the training mean.
    """

    ours: Array
    pca: Array
    mean: Array


@dataclass(frozen=True, eq=False)
class Dimensions:
    """What latent dimensions mean, measured on held-out rows.

    Attributes:
        dimensions: `(k,)`, the latent dimensions that were looked at, counted from 0.
        importance: `(k,)`, the share of what the model explains that is lost when the dimension stays at its
            mean.
        correlation: `(k, columns)`, Spearman's correlation with each value column of a table.
        share: `(k, columns)`, the adjusted share of the column's variance that the dimension explains alone.
    """

    dimensions: Array
    importance: Array
    correlation: Array | None = None
    share: Array | None = None


@dataclass(frozen=True, eq=False)
class StoredClassifier:
    """A classifier that was fitted on top of the run.

    Attributes:
        names: of the classes: words, numbers or booleans.
        weights: its arrays by name; none where there is but one class.
    """

    names: tuple[Any, ...]
    weights: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class Evidence:
    """The arrays of a run; of an unfinished run the first ones are empty and the others None.

    Attributes:
        rows: `(n,)`, the held-out rows whose codes and errors are kept, in order.
        errors: `(n,)`, the model's error on each.
        pca_errors: `(n,)`, PCA's; None for data that have none.
        best: the held-out examples with the smallest error, the smallest first.
        median: those around the median.
        worst: those with the largest error, the largest first.
        ids: of each of `rows`, what the data call it; none where they give no names.
        numbers: `(n,)`, their places in the data, counted from 0; in the test part where the data have one.
        labels: `(n,)` float64; where they were words, places in `label_names`.
        label_names: the words that labels were, kept in config.json; none where they were numbers.
        codes: `(n, code_size)`; None for a model whose output does not follow from a code.
        kept: `(m,)`, which of `rows` the `originals` are.
        originals: `(m, *shape)`, as the data came.
        means: `(channels,)` float32, mean of the training part by channel, on the model's scale.
        by_column: errors by column of a table.
        residual: `(values,)`, the direction, of length 1 on the model's scale, that the residuals of training
            rows have most of their mean square along.
        nats: `(code_size,)`, what each dimension of a probabilistic code tells of an example.
        used: `(choices,)`, how often a training row chose each entry that the code chooses among.
        meaning: of latent dimensions.
        reference: rows to compare others with.
        classifier: fitted on top of the run.
    """

    rows: Array = field(default_factory=nothing)
    errors: Array = field(default_factory=nothing)
    pca_errors: Array | None = None
    best: Examples = field(default_factory=Examples)
    median: Examples = field(default_factory=Examples)
    worst: Examples = field(default_factory=Examples)
    ids: tuple[str, ...] = ()
    numbers: Array | None = None
    labels: Array | None = None
    label_names: tuple[str, ...] = ()
    codes: Array | None = None
    kept: Array | None = None
    originals: Array | None = None
    means: Array | None = None
    by_column: ColumnErrors | None = None
    residual: Array | None = None
    nats: Array | None = None
    used: Array | None = None
    meaning: Dimensions | None = None
    reference: Reference | None = None
    classifier: StoredClassifier | None = None

    @property
    def examples(self) -> dict[str, Examples]:
        """The examples that a report shows, by how well they were reconstructed."""
        return {"best": self.best, "median": self.median, "worst": self.worst}

    def arrays(self) -> dict[str, Array]:
        """All that is there, by its name in the file."""
        named = {name: value for name, value in self._named() if value is not None}
        return {name: np.ascontiguousarray(value) for name, value in named.items()}

    def _named(self) -> Iterator[tuple[str, Array | None]]:
        yield from ((name, getattr(self, name)) for name in PLAIN)
        for part, (kind, pattern) in PARTS.items():
            record = getattr(self, part)
            yield from ((pattern.format(f.name), getattr(record, f.name, None)) for f in fields(kind))
        yield "ids", json_array(self.ids) if self.ids else None
        if self.classifier is not None:
            yield CLASSIFIER + NAMES, json_array(self.classifier.names)
            yield from ((CLASSIFIER + name, value) for name, value in self.classifier.weights.items())

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Evidence:
        """The record of what `arrays` returned; what an older version did not write is None."""
        found: dict[str, Any] = {name: arrays[name] for name in PLAIN if name in arrays}
        for part, (kind, pattern) in PARTS.items():
            names = {f.name: pattern.format(f.name) for f in fields(kind)}
            there = {name: arrays[full] for name, full in names.items() if full in arrays}
            if there:
                found[part] = kind(**there)
        if "ids" in arrays:
            found["ids"] = from_json_array(arrays["ids"])
        return cls(**found, classifier=stored_classifier(arrays))


PARTS: dict[str, tuple[type, str]] = {
    "best": (Examples, "best_{}"),
    "median": (Examples, "median_{}"),
    "worst": (Examples, "worst_{}"),
    "by_column": (ColumnErrors, "{}_by_column"),
    "meaning": (Dimensions, "{}"),
    "reference": (Reference, "reference_{}"),
}
"""The nested records of the evidence by field: their type, and the names of their arrays in the file."""

PLAIN = [f.name for f in fields(Evidence) if f.name not in {*PARTS, "ids", "label_names", "classifier"}]
"""The fields that are arrays, under their own names in the file."""

CLASSIFIER, NAMES = "classifier.", "names"
"""What the names of a classifier's arrays begin with, and the name of the array with its classes."""


def stored_classifier(arrays: Mapping[str, Array]) -> StoredClassifier | None:
    """The classifier among the arrays of a file, if there is one."""
    found = {name.removeprefix(CLASSIFIER): v for name, v in arrays.items() if name.startswith(CLASSIFIER)}
    if NAMES not in found:
        return None
    return StoredClassifier(from_json_array(found.pop(NAMES)), found)


def json_array(values: tuple[Any, ...]) -> Array:
    """`values` as the bytes of their JSON text."""
    return np.frombuffer(json.dumps(values).encode(), np.uint8)


def from_json_array(array: Array) -> tuple[Any, ...]:
    """The values of which `array` holds the JSON text."""
    return tuple(json.loads(array.tobytes()))
