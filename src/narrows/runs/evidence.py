"""The arrays that a run keeps for its report, the doctor and anomaly scores.

In `evidence.safetensors` every array has one name. `PARTS` defines the names of the nested records: the
examples in `Evidence.best` are `best_rows`, `best_originals` and so on.

Held-out rows are numbered from 0 within the held-out part, in its order. Errors are mean squared errors per
value, in the unit of reports (see `Scaling.unit`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from narrows.data.schema import Array
from narrows.runs.reference_recordings import ReferenceRecordings
from narrows.runs.reference_rows import Reference
from narrows.runs.shown_nodes import ShownNodes
from narrows.runs.shown_places import ShownPlaces


def nothing() -> Array:
    """The placeholder for an array that an unfinished run does not have."""
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class Examples:
    """A few held-out examples with their reconstructions.

    Attributes:
        rows: `(k,)`, the numbers of the held-out rows.
        originals: `(k, *shape)`, in the data's dtype.
        reconstructions: `(k, *shape)`, of the originals, or of `seen` where it is not None.
        seen: `(k, *shape)`, the corrupted originals, for a model that restores (`Run.restoring`) and is not
            `blind`.
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
    """The meaning of latent dimensions, measured on held-out rows.

    Attributes:
        dimensions: `(k,)`, the latent dimensions that were measured, counted from 0.
        importance: `(k,)`, the share of the variance explained by the model that is lost when the dimension
            is fixed at its mean.
        correlation: `(k, columns)`, Spearman's correlation with each value column of a table.
        share: `(k, columns)`, the adjusted share of the column's variance that the dimension explains alone.
    """

    dimensions: Array
    importance: Array
    correlation: Array | None = None
    share: Array | None = None


@dataclass(frozen=True, eq=False)
class StoredClassifier:
    """A classifier that was fitted to the features or codes of the run.

    Attributes:
        names: of the classes: words, numbers or booleans.
        weights: its arrays by name; empty if there is only one class.
    """

    names: tuple[Any, ...]
    weights: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class Evidence:
    """The arrays of a run; of an unfinished run they are empty or None.

    Attributes:
        rows: `(n,)`, the numbers of the held-out rows whose codes and errors are kept, in order.
        errors: `(n,)`, the model's error on each.
        pca_errors: `(n,)`, PCA's error on each; None for data without PCA.
        best: the held-out examples with the smallest errors, in ascending order.
        median: those with errors around the median.
        worst: those with the largest errors, in descending order.
        ids: the names of `rows`; empty for data without names.
        numbers: `(n,)`, the row numbers in the data, or in their test part if they have one, from 0.
        labels: `(n,)` float64; if they are words, indices in `label_names`.
        label_names: the words, which are kept in config.json; empty for labels that are numbers.
        codes: `(n, code_size)`; None for a model whose code is bypassed.
        poses: `(n, names)` float32, how each example lies; None for a model that does not find it.
        kept: `(m,)`, the indices in `rows` of the `originals`.
        originals: `(m, *shape)`, in the data's dtype.
        means: `(channels,)` float32, mean of the training part by channel, on the model's scale.
        by_column: errors by column of a table.
        residual: `(values,)`, the unit vector, on the model's scale, along which the residuals of training
            rows have the largest mean square.
        nats: `(code_size,)`, the information of each dimension of a probabilistic code about an example.
        used: `(choices,)`, how often training rows chose each entry or unit of a discrete code.
        meaning: of latent dimensions.
        reference: the reference rows of anomaly scores.
        recordings: the reference recordings of scores on time, of windows over recordings.
        classifier: fitted to the features or codes of the run.
        edges: all edges of a graph, `(m, 2)`; the `codes` are then those of all nodes.
        nodes: the nodes of a graph that a page shows.
        places: the places of a scan that a page shows.
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
    poses: Array | None = None
    kept: Array | None = None
    originals: Array | None = None
    means: Array | None = None
    by_column: ColumnErrors | None = None
    residual: Array | None = None
    nats: Array | None = None
    used: Array | None = None
    meaning: Dimensions | None = None
    reference: Reference | None = None
    recordings: ReferenceRecordings | None = None
    classifier: StoredClassifier | None = None
    edges: Array | None = None
    nodes: ShownNodes | None = None
    places: ShownPlaces | None = None

    @property
    def examples(self) -> dict[str, Examples]:
        """The examples that a report shows: best, median and worst."""
        return {"best": self.best, "median": self.median, "worst": self.worst}

    def arrays(self) -> dict[str, Array]:
        """The arrays that are not None, by their names in the file."""
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
        """The inverse of `arrays`; what an older version did not write is None."""
        values: dict[str, Any] = {name: arrays[name] for name in PLAIN if name in arrays}
        for part, (kind, pattern) in PARTS.items():
            names = {f.name: pattern.format(f.name) for f in fields(kind)}
            present = {name: arrays[full] for name, full in names.items() if full in arrays}
            if present:
                values[part] = kind(**present)
        if "ids" in arrays:
            values["ids"] = from_json_array(arrays["ids"])
        return cls(**values, classifier=stored_classifier(arrays))


PARTS: dict[str, tuple[type, str]] = {
    "best": (Examples, "best_{}"),
    "median": (Examples, "median_{}"),
    "worst": (Examples, "worst_{}"),
    "by_column": (ColumnErrors, "{}_by_column"),
    "meaning": (Dimensions, "{}"),
    "reference": (Reference, "reference_{}"),
    "recordings": (ReferenceRecordings, "recordings_{}"),
    "nodes": (ShownNodes, "nodes_{}"),
    "places": (ShownPlaces, "places_{}"),
}
"""The nested records by field: their type, and the pattern of the names of their arrays in the file."""

PLAIN = [f.name for f in fields(Evidence) if f.name not in {*PARTS, "ids", "label_names", "classifier"}]
"""The fields that are arrays and have the same name in the file."""

CLASSIFIER, NAMES = "classifier.", "names"
"""The prefix of the names of a classifier's arrays, and the name of the array of its classes."""


def stored_classifier(arrays: Mapping[str, Array]) -> StoredClassifier | None:
    """The classifier among the arrays of a file; None if there is none."""
    own = {name.removeprefix(CLASSIFIER): v for name, v in arrays.items() if name.startswith(CLASSIFIER)}
    if NAMES not in own:
        return None
    return StoredClassifier(from_json_array(own.pop(NAMES)), own)


def json_array(values: tuple[Any, ...]) -> Array:
    """`values` as JSON text, an array of bytes."""
    return np.frombuffer(json.dumps(values).encode(), np.uint8)


def from_json_array(array: Array) -> tuple[Any, ...]:
    """The inverse of `json_array`."""
    return tuple(json.loads(array.tobytes()))
