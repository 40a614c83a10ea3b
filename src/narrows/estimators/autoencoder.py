"""Autoencoders as scikit-learn estimators: `__init__` stores, `fit` thinks."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import nn
from torch.utils.data import Dataset

from narrows.core.errors import InputError, show
from narrows.core.registry import nearest
from narrows.data.readers import as_data, from_table
from narrows.data.schema import Array, Data
from narrows.data.sources.torch_dataset import from_dataset
from narrows.data.tables import from_frame, to_frame
from narrows.evaluation.errors import errors
from narrows.evaluation.latent_dimensions import dimensions, traversal
from narrows.fitting.fit import fit
from narrows.report import documents, render, render_live
from narrows.report.notebook import Frame
from narrows.runs.run import Run
from narrows.tasks.generation.arithmetic import arithmetic
from narrows.tasks.generation.grid import grid
from narrows.tasks.generation.interpolate import interpolate
from narrows.tasks.generation.sample import sample
from narrows.tasks.restoration.restore import Restorer
from narrows.training.progress import Progress

if TYPE_CHECKING:
    from pandas import DataFrame

HALVES = ("encoder", "decoder")

PARTS = ("corruption", "encoder", "bottleneck", "decoder", "output", "loss")

Part = str | dict[str, Any] | None
"""A part by name, `"gaussian"`, or with options, `{"name": "gaussian", "std": 0.3}`; None leaves the
recipe's."""

Half = Part | nn.Module
"""A network by name, with options, or any module of one's own; see `narrows.model.networks.own`."""


class Autoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Compress data to short codes and come back.

    What is not given is read off the data: the kind from the number of axes, the scaling and the
    loss from the values, the network from the kind, the epochs from the number of rows.

    Args:
        latent_dim: numbers in a code; None takes an eighth of the values, from 2 to 16.
        recipe: a name that `narrows recipes` lists.
        corruption: a part, as all that follow up to `loss`: its name, or a dict with its options.
        encoder: as corruption; or a torch module of your own, which maps `(batch, columns)`, of images
            `(batch, channels, height, width)`, to features of any shape. It is copied, not changed.
        bottleneck: as corruption.
        decoder: as corruption; None mirrors the encoder. A module of your own maps codes
            `(batch, latent_dim)` back to what an encoder is given.
        output: as corruption.
        loss: as corruption.
        penalties: a list of dicts, each with a name and a weight.
        training: options of `narrows.training.loop.Training`, as `{"epochs": 20}`.
        kind: "images" or "table"; None infers it.
        image_shape: (height, width[, channels]) of images that come flat, one in each row of `X`.
        device: "auto", or a torch device.
        random_state: the same number gives the same model; None draws one.
        warm_start: whether another fit begins with the weights of the one before.
        verbose: 1 prints a line per epoch to stderr.

    Attributes:
        run_: the fitted run: the model with its scaling, history and metrics.
        verdict_: in words, whether it beats PCA on rows held out of the training.
        n_features_in_: columns of a table, or rows of pixels in an image.

    Example:
        >>> from sklearn.datasets import load_digits
        >>> from narrows import Autoencoder
        >>> X = load_digits().images
        >>> ae = Autoencoder(latent_dim=4, training={"epochs": 2}).fit(X)
        >>> ae.transform(X).shape, ae.reconstruct(X).shape
        ((1797, 4), (1797, 8, 8))
    """

    def __init__(
        self,
        latent_dim: int | None = None,
        *,
        recipe: str = "autoencoder",
        corruption: Part = None,
        encoder: Half = None,
        bottleneck: Part = None,
        decoder: Half = None,
        output: Part = None,
        loss: Part = None,
        penalties: list[dict[str, Any]] | None = None,
        training: dict[str, Any] | None = None,
        kind: str | None = None,
        image_shape: tuple[int, ...] | None = None,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = 0,
        warm_start: bool = False,
        verbose: int = 0,
    ) -> None:
        self.latent_dim = latent_dim
        self.recipe = recipe
        self.corruption = corruption
        self.encoder = encoder
        self.bottleneck = bottleneck
        self.decoder = decoder
        self.output = output
        self.loss = loss
        self.penalties = penalties
        self.training = training
        self.kind = kind
        self.image_shape = image_shape
        self.device = device
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name; with `deep` also the options of parts, as `bottleneck__beta`."""
        found: dict[str, Any] = super().get_params(deep=False)
        if deep:
            parts = ((part, found[part]) for part in (*PARTS, "training"))
            options = ((part, chosen) for part, chosen in parts if isinstance(chosen, dict))
            found |= {f"{part}__{key}": value for part, chosen in options for key, value in chosen.items()}
        return found

    def set_params(self, **params: Any) -> Self:
        """Set parameters, or options of parts: `bottleneck__beta=4` changes that and leaves the rest."""
        for name in [name for name in params if "__" in name]:
            part, _, option = name.partition("__")
            if part not in (*PARTS, "training"):
                raise InputError(f"An Autoencoder has no part {part!r}.{nearest(part, (*PARTS, 'training'))}")
            now = getattr(self, part)
            if isinstance(now, nn.Module):
                raise InputError(f"The {part} is a module of your own and has no option {option!r}.")
            now = {"name": now} if isinstance(now, str) else now or {}
            setattr(self, part, {**now, option: params.pop(name)})
        super().set_params(**params)
        return self

    def fit(self, X: Array | DataFrame | Dataset[Any], y: Any = None) -> Self:
        """Fit to `X (n, columns)`, or images `(n, height, width[, channels])`.

        A tenth of the rows (of few rows up to a fifth) chooses the best epoch, and as many are
        held out for the verdict.

        Args:
            X: an array or tensor; or a pandas or polars data frame, which may have columns of numbers,
                booleans and categories, and missing cells; or a torch data set of examples, or of pairs
                of an example and its label, each of which is taken once.
            y: labels `(n,)`, which colour pictures; the model never sees them.

        Raises:
            InputError: for data or choices that cannot be used, with the reason.
            TrainingError: when training breaks down.
        """
        if isinstance(X, Dataset) and y is None:
            X, y = from_dataset(X)
        X = self._checked(X, reset=True)
        data = self._data(X)
        data = replace(data, labels=as_labels(y, len(data)))
        chosen = self._chosen()
        start = getattr(self, "run_", None) if self.warm_start else None
        drawn = seed_of(self.random_state)
        # Parts that were drawn anew would hold rows out which the weights have been fitted to.
        seed = start.config["seed"] if start is not None and self.random_state is None else drawn
        own = {half: chosen.pop(half) for half in HALVES if isinstance(chosen[half], nn.Module)}
        overrides = {part: choice for part, choice in chosen.items() if choice is not None}
        # All is numpy's from here on; not all that scikit-learn is asked for can be dispatched elsewhere.
        with config_context(array_api_dispatch=False), Progress(quiet=not self.verbose) as progress:
            self.run_ = fit(
                data,
                recipe=self.recipe,
                latent_dim=self.latent_dim,
                overrides={**overrides, "training": self.training},
                seed=seed,
                device=self.device,
                on_epoch=progress,
                start=start,
                own=own,
                notes={"flat": self.image_shape is not None},
            )
        return self._fitted()

    def _chosen(self) -> dict[str, Any]:
        """Every part as it was asked for."""
        return {part: getattr(self, part) for part in (*PARTS, "penalties")}

    def _data(self, X: Any) -> Data:
        """What is learned from."""
        return from_table(from_frame(X, "X"), "X") if is_frame(X) else as_data(X, self.kind, "X")

    def _fitted(self) -> Self:
        self.verdict_ = self.run_.unfinished or self.run_.metrics["verdict"]["sentence"]
        self._n_features_out = self.run_.model.code_size
        return self

    def transform(self, X: Array | DataFrame) -> Array:
        """Codes `(n, latent_dim)` of `X`, the same each time (a VAE's posterior mean).

        They are computed in 64 bits where `X` is, else in 32.
        """
        return self._run().encode(self._values(X))

    def inverse_transform(self, Z: Array) -> Array | DataFrame:
        """Data `(n, …)` of codes `Z (n, latent_dim)`, on the scale and in the type of the data."""
        return self._like_data(self._run().decode(Z))

    def reconstruct(self, X: Array | DataFrame) -> Array | DataFrame:
        """What is left of `X` after the bottleneck: same shape, type and range, and no cell missing."""
        index = getattr(X, "index", None) if is_frame(X) else None
        return self._like_data(self._run().reconstruct(self._values(X)), index)

    def restore(self, X: Array) -> Array:
        """Damaged images `X (n, height, width[, channels])` restored, as the corruption of the training asks.

        A grey image is coloured, a small one enlarged; a hidden pixel is 0.
        """
        return Restorer(self._run()).images(np.asarray(X))

    def sample(self, n: int = 1, random_state: int | None = None) -> Array | DataFrame:
        """`n` new examples `(n, …)`; a model without a prior draws codes from a density of the codes.

        The same `random_state` gives the same examples; None takes the estimator's.
        """
        seed = seed_of(self.random_state if random_state is None else random_state)
        return self._like_data(sample(self._run(), n, seed)[0])

    def interpolate(self, X: Array | DataFrame, steps: int = 10, *, spherical: bool = False) -> Any:
        """`steps` examples on the way from the first of two rows `X` to the second, through their codes.

        The way is straight, or `spherical`, an arc around the mean of the codes.
        `narrows.tasks.generation.interpolate.interpolate` also measures it.
        """
        ways = interpolate(self._run(), self._values(X), steps)
        return self._like_data(ways["spherical" if spherical else "linear"].values)

    def arithmetic(self, add: Array | DataFrame, subtract: Array | DataFrame | None = None) -> Any:
        """The one example whose code is the sum of those of `add` less those of `subtract`, as a - b + c.

        They count as directions from the mean of the codes, so that there may be any number of either.
        """
        added = self._values(add)
        less = added[:0] if subtract is None else self._values(subtract)
        return self._like_data(arithmetic(self._run(), added, less).value)

    def grid(self, side: int = 20, dims: tuple[int, int] | None = None) -> Any:
        """`side` times `side` examples decoded across a plane of the code, row by row from the top left.

        It is the plane of the two code dimensions `dims`, or the one in which codes vary most.
        """
        return self._like_data(grid(self._run(), side, dims).values)

    def dimensions(self) -> list[dict[str, Any]]:
        """What the numbers of the code mean, measured on held-out rows, as rows of a table.

        Each has the `dimension`, counted from 0, and its `importance`: the share of what the model explains
        that is lost when it stays at its mean; the most important come first. Of a table there is a row
        for each `column`, the closest first, with the rank `correlation` and the `share` of the column's
        variance that the dimension explains by itself.
        """
        return dimensions(self._run())

    def traverse(self, dimension: int, steps: int = 9) -> Array | DataFrame:
        """What changes along a dimension of the code: `steps` examples `(n, …)`, all else at its median.

        The `dimension`, counted from 0, goes from its 1st to its 99th percentile on held-out rows.
        """
        return self._like_data(traversal(self._run(), dimension, steps))

    def score_samples(self, X: Array | DataFrame) -> Array:
        """How normal each row of `X` is, `(n,)`: minus its mean squared error on the model's scale."""
        run = self._run()
        X = self._values(X)
        found = errors(run.scaled(X), run.reconstruct_scaled(X), run.schema.starts)
        return -found.squared / np.maximum(found.values, 1)

    def score(self, X: Array | DataFrame, y: Any = None) -> float:
        """Share of the variance of `X` that survives the bottleneck: 1 is perfect, 0 is the mean."""
        run, X = self._run(), self._values(X)
        x = run.scaled(X)
        found = errors(x, run.reconstruct_scaled(X), run.schema.starts)
        spread = errors(x, np.broadcast_to(np.nanmean(x, axis=0), x.shape), run.schema.starts)
        if not spread.mse:
            return 1.0 if found.mse < 1e-12 else 0.0
        return 1 - found.mse / spread.mse

    def save(self, folder: str | Path) -> Path:
        """Write the run folder, with its report, as `folder`, which must not exist yet.

        Raises:
            InputError: when it exists, or cannot be written.
        """
        self._run().save(Path(folder), documents(self._run()))
        return Path(folder)

    @classmethod
    def load(
        cls, folder: str | Path, *, encoder: nn.Module | None = None, decoder: nn.Module | None = None
    ) -> Self:
        """The estimator whose run is in `folder`, whoever wrote it.

        Args:
            folder: the run folder.
            encoder: the module of your own that it was fitted with; its weights are in the folder.
            decoder: likewise.

        Raises:
            InputError: when the folder is not whole, or the run is of other modules.
        """
        halves = {"encoder": encoder, "decoder": decoder}
        run = Run.load(Path(folder), {half: module for half, module in halves.items() if module is not None})
        chosen = {key: run.config[key] for key in ("recipe", "training")}
        flat = run.schema.shape if run.config["flat"] else None
        parts = {**run.config["spec"], **run.own}
        estimator = cls(
            run.model.code_size, random_state=run.config["seed"], image_shape=flat, **chosen, **parts
        )
        estimator.run_ = run
        estimator.n_features_in_ = prod(run.schema.shape) if flat else run.schema.shape[0]
        return estimator._fitted()

    def report(self) -> str:
        """The report of the fitted model as one page of HTML."""
        return render(self._run())

    def explore(self) -> Frame:
        """The report's live part, to move through the codes; a notebook shows it in a frame."""
        return Frame(render_live(self._run()))

    def _checked(self, X: Any, *, reset: bool) -> Any:
        """`X` as a pandas data frame or an array of examples, after scikit-learn's checks.

        With `reset` it sets what is known of the columns, else it compares with that.
        """
        if isinstance(X, Dataset):
            X = from_dataset(X)[0]
        if self.image_shape is not None:
            return unflattened(self._checked_rows(X, reset=reset), self.image_shape)
        if hasattr(X, "iloc") or hasattr(X, "to_pandas"):
            validate_data(self, X, reset=reset, skip_check_array=True)
            return X if hasattr(X, "iloc") else X.to_pandas()
        if getattr(X, "ndim", 2) > 2 or getattr(X, "dtype", None) is np.dtype(bool):
            if reset:
                self.n_features_in_ = np.shape(X)[1]
            return np.asanyarray(X)
        return self._checked_rows(X, reset=reset)

    def _checked_rows(self, X: Any, *, reset: bool) -> Array:
        """`X` as an array of numbers with two axes."""
        least = 3 if reset else 1
        return validate_data(
            self, X, reset=reset, dtype="numeric", ensure_all_finite="allow-nan", ensure_min_samples=least
        )

    def _values(self, X: Any) -> Array:
        """`X` as numbers, its columns found by name if it is a data frame."""
        schema = self._run().schema
        X = self._checked(X, reset=False)
        return from_frame(X, "X").read_as(schema.columns) if is_frame(X) else X

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _like_data(self, values: Array, index: Any = None) -> Array | DataFrame:
        """`values` as the data were: flat if they came flat, a data frame if they held words."""
        schema = self._run().schema
        if self.image_shape is not None:
            return values.reshape(len(values), -1)
        return to_frame(values, schema, index) if schema.worded or index is not None else values

    def _run(self) -> Run:
        check_is_fitted(self, "run_")
        return self.run_


def unflattened(rows: Array, shape: tuple[int, ...]) -> Array:
    """Flat images `(n, values)` as `(n, *shape)`."""
    if prod(shape) != rows.shape[1]:
        raise InputError(
            f"Images of shape {show(tuple(shape))} have {prod(shape)} values, but a row of X has "
            f"{rows.shape[1]}."
        )
    return rows.reshape(len(rows), *shape)


def as_labels(y: Any, n: int) -> Array | None:
    """What can colour `n` points: a number or a word for each; None where `y` is something else."""
    labels = None if y is None else np.asarray(y)
    if labels is None or labels.shape != (n,):
        return None
    if labels.dtype.kind not in "buif":
        return labels.astype(str)
    return labels if np.isfinite(labels).all() else None


def is_frame(X: Any) -> bool:
    """Whether `X` is a pandas data frame."""
    return hasattr(X, "iloc")


def seed_of(random_state: int | np.random.RandomState | None) -> int:
    """scikit-learn's ways to say how random something is, as one number."""
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31))
