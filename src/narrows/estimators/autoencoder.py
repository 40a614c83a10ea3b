"""An autoencoder as a scikit-learn transformer."""

from __future__ import annotations

import warnings
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn import config_context
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from torch import nn
from torch.utils.data import Dataset

from narrows.core.registry import lookup
from narrows.data.axes import parse_axes
from narrows.data.examples import Data
from narrows.data.graphs.objects import graphs_of
from narrows.data.kinds import KINDS
from narrows.data.recordings.recording import Loaded
from narrows.data.schema import Array
from narrows.data.sources.torch_dataset import from_pairs
from narrows.estimators.compression import CompressingEstimator
from narrows.estimators.containers import (
    as_examples,
    as_labels,
    checked,
    in_order,
    like_data,
    values,
    values_of,
    warn_of_range,
    without_gaps,
)
from narrows.estimators.frames import is_frame
from narrows.estimators.generation import GenerativeEstimator
from narrows.estimators.graphs import reconstructed as reconstructed_graphs
from narrows.estimators.pairs import check_paired, frames, is_paired, pairs
from narrows.estimators.parameters import (
    HALVES,
    PARTS,
    SHORT,
    Half,
    Part,
    check_part,
    nested,
    seed_of,
    training_of,
    with_option,
)
from narrows.estimators.recordings import examples_of, for_windows, like_recordings
from narrows.evaluation.errors import errors, explained_variance
from narrows.fitting.fit import fit
from narrows.model.recipe_names import recipe_name
from narrows.model.recipes import FRAMES
from narrows.runs.folder import load_run
from narrows.runs.run import Run
from narrows.tasks.restoration.recordings import reconstructed
from narrows.tasks.restoration.restore import Restorer
from narrows.training.devices import pick_device
from narrows.training.progress import Progress

if TYPE_CHECKING:
    from pandas import DataFrame

RECIPE = "autoencoder"


class Autoencoder(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    GenerativeEstimator,
    CompressingEstimator,
):
    """Compress data to codes and reconstruct them.

    What is not given is chosen from the data: the kind from the number of axes, the scaling and the
    loss from the values, the network from the kind, the epochs from the number of rows.

    Args:
        latent_dim: latent dimensions; None takes an eighth of the values, from 2 to 16, but fewer than them.
        recipe: a name that `narrows recipes` lists; None takes "autoencoder", and in a `Denoiser` or a
            `PretrainedClassifier` the recipe that these use by default.
        corruption: a part, as all that follow up to `loss`: its name, or a dict with its options.
        pose: as corruption; "found" finds how each image is turned, and with its options shifted and scaled,
            and codes the rest.
        encoder: as corruption; or a torch module, which maps `(batch, columns)`, of images
            `(batch, channels, height, width)`, to features of any shape. It is copied, not changed.
        bottleneck: as corruption.
        decoder: as corruption; None mirrors the encoder. A torch module maps codes `(batch, latent_dim)`
            to what an encoder takes.
        output: as corruption.
        loss: as corruption.
        penalties: a list of dicts, each with a name and a weight.
        epochs: passes over the training part; None chooses by the number of rows.
        batch_size: rows per step; None chooses by the number of rows.
        learning_rate: the highest of the schedule; None takes that of the recipe.
        training: these and the other options of `narrows.training.options.Training`, as
            `{"schedule": "constant"}`.
        kind: "images", "table", "sequences", "nodes" or "graphs"; None infers one of the first two.
        image_shape: (height, width[, channels]) of images that come flat, one in each row of `X`.
        axes: a letter for each axis of the array `X`, as "NCYX", "YXC" or "ZYX": Y or H height, X or W width,
            C channels, F columns of a table, any other letter examples; None infers them.
        window: length in time steps of the windows that recordings are cut into; None keeps several
            recordings whole, and cuts a single one into windows of its period.
        stride: time steps from the start of a window to that of the next; None takes about a quarter of
            a window.
        device: "auto", or a torch device; to train on, and for all that the model computes later.
        engine: "plain" trains in float32 without a compiler; "auto" measures on a few steps whether
            another way is faster, where the training is long enough.
        random_state: the same number gives the same model; None draws one.
        warm_start: whether another fit begins with the weights of the one before.
        verbose: 1 prints a line per epoch to stderr.

    Attributes:
        run_: the fitted run: the model with its scaling, history and metrics.
        verdict_: whether the model beats PCA on held-out rows, as a sentence.
        n_features_in_: columns of a table, or rows of pixels in an image.
        feature_names_in_: names of the columns, of a data frame.

    Example:
        >>> from sklearn.datasets import load_digits
        >>> from narrows import Autoencoder
        >>> X = load_digits().images
        >>> ae = Autoencoder(latent_dim=4, epochs=2).fit(X)
        >>> ae.transform(X).shape, ae.reconstruct(X).shape
        ((1797, 4), (1797, 8, 8))
    """

    def __init__(
        self,
        latent_dim: int | None = None,
        *,
        recipe: str | None = None,
        corruption: Part = None,
        pose: Part = None,
        encoder: Half = None,
        bottleneck: Part = None,
        decoder: Half = None,
        output: Part = None,
        loss: Part = None,
        penalties: list[dict[str, Any]] | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        training: dict[str, Any] | None = None,
        kind: str | None = None,
        image_shape: tuple[int, ...] | None = None,
        axes: str | None = None,
        window: int | None = None,
        stride: int | None = None,
        device: str = "auto",
        engine: str = "auto",
        random_state: int | np.random.RandomState | None = 0,
        warm_start: bool = False,
        verbose: int = 0,
    ) -> None:
        self.latent_dim = latent_dim
        self.recipe = recipe
        self.corruption = corruption
        self.pose = pose
        self.encoder = encoder
        self.bottleneck = bottleneck
        self.decoder = decoder
        self.output = output
        self.loss = loss
        self.penalties = penalties
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.training = training
        self.kind = kind
        self.image_shape = image_shape
        self.axes = axes
        self.window = window
        self.stride = stride
        self.device = device
        self.engine = engine
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name; with `deep` also the options of parts, as `bottleneck__beta`."""
        parameters: dict[str, Any] = super().get_params(deep=False)
        return {**parameters, **nested(parameters)} if deep else parameters

    def set_params(self, **params: Any) -> Self:
        """Set parameters, or options of parts: `bottleneck__beta=4` changes that and no other option."""
        options = {name: params.pop(name) for name in list(params) if "__" in name}
        for name in options:
            check_part(name.partition("__")[0])
        super().set_params(**params)
        for name, value in options.items():
            part, _, option = name.partition("__")
            setattr(self, part, with_option(part, getattr(self, part), option, value))
        return self

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit to rows `X (n, columns)`, images `(n, height, width[, channels])`, sequences, or a graph.

        Sequences are `(n, time[, channels])`, with `kind="sequences"`; or recordings: a list of arrays
        `(time[, channels])` of any length, or a data frame with an index or a column of times. With
        `kind="graphs"` a graph is a scipy sparse adjacency or a data frame of edges, or a pair of one of
        these and the features of the nodes, as a frame with their names; a networkx graph, a `Data` of
        PyTorch Geometric, or a dict of arrays as in an `.npz` archive of a graph.
        The nodes of one graph are the examples; of a list of graphs each graph is one.

        A tenth of the rows (of few rows up to a fifth) chooses the best epoch, and as many are
        held out for the verdict. An interruption (Ctrl-C) ends the training with the best epoch so far, and
        another one ends the fit without a verdict.

        Args:
            X: an array or tensor; or a pandas or polars data frame, which may have columns of numbers,
                booleans and categories, and missing cells; or a torch data set of examples, or of pairs
                of an example and its label, each of which is taken once.
            y: labels `(n,)`, which colour pictures; the model never sees them. Or targets of the shape of
                `X`, as clean images of noisy ones: the model learns to make them of `X`, and is judged by
                that. `fit(X, X)` is the same as `fit(X)`.

        Raises:
            InputError: for targets of another shape than `X`, another number of labels, and for data or
                choices that cannot be used, with the reason.
            TrainingError: when training breaks down.
        """
        if self.kind is not None and lookup("kind of data", KINDS, self.kind).of_graphs:
            labels = None if y is None else as_labels(y, len(np.ravel(y)))
            graphs = graphs_of(X, labels, kind=self.kind)
            self.n_features_in_ = graphs.schema.shape[0]
            return self._fit_examples(graphs, graphs.labels)
        if isinstance(X, Dataset) and y is None:
            X, y = from_pairs(X)
        if recipe_name(self.recipe or RECIPE) in FRAMES and not is_paired(X, y):
            return self._fit_examples(frames(self, X))
        if is_paired(X, y) and not (y is X or np.array_equal(X, y)):
            return self._fit_examples(pairs(self, X, y))
        X = checked(self, X, reset=True)
        return self._fit_examples(as_examples(X, self), None if is_paired(X, y) else y)

    def _fit_examples(self, data: Data, y: Any = None) -> Self:
        """Fit to examples, which may be patches."""
        axes = self.axes and parse_axes(self.axes)
        told = {"axes": axes, "patch": data.patch, "window": data.window, "stride": self.stride}
        reading = {name: value for name, value in told.items() if value is not None}
        start = getattr(self, "run_", None) if self.warm_start else None
        chosen = {part: getattr(self, part) for part in (*PARTS, "penalties")}
        chosen["training"] = training_of(self.training, {name: getattr(self, name) for name in SHORT})
        own = {half: chosen.pop(half) for half in HALVES if isinstance(chosen[half], nn.Module)}
        # All is numpy's from here on; not all that scikit-learn is asked for can be dispatched elsewhere.
        with config_context(array_api_dispatch=False), Progress(quiet=not self.verbose) as progress:
            self.run_ = fit(
                replace(data, labels=as_labels(for_windows(y, data), len(data))),
                recipe=self.recipe or RECIPE,
                latent_dim=self.latent_dim,
                overrides={part: choice for part, choice in chosen.items() if choice is not None},
                seed=self._seed(start),
                device=self.device,
                engine=self.engine,
                on_epoch=progress,
                on_phase=progress.phase,
                start=start,
                own=own,
                notes={"flat": self.image_shape is not None, **({"reading": reading} if reading else {})},
                unjudged=True,
            )
        self.run_.device = pick_device(self.device, self.run_.scaling.precision)
        if self.run_.unfinished:
            warnings.warn(self.run_.unfinished, UserWarning, stacklevel=3)
        return self

    def _seed(self, start: Run | None) -> int:
        """The seed of a fit; that of `start` if none is given, so that the same rows are held out."""
        if start is not None and self.random_state is None:
            return int(start.config["seed"])
        return seed_of(self.random_state)

    @property
    def _n_features_out(self) -> int:
        return self.run_.model.code_size

    def transform(self, X: Array | DataFrame) -> Array:
        """Codes `(n, latent_dim)` of `X`, the same each time (a VAE's posterior mean); of windows one each.

        They are computed in 64 bits where `X` is, else in 32.
        """
        run = self._run()
        of_graphs = run.schema.of_graphs
        return run.encode(graphs_of(X, like=run.schema).source if of_graphs else values(self, X))

    def poses(self, X: Array) -> dict[str, Array]:
        """How each image of `X` lies, `(n,)` by name: angle in degrees, shift_x and shift_y in pixels, scale.

        An angle is from the x axis to the y axis, which points down, and relative to what the training took
        for upright. Empty for a model that does not find them.
        """
        return self._run().poses(values(self, X))

    def inverse_transform(self, Z: Any) -> Array | DataFrame:
        """Data `(n, …)` of codes `Z (n, latent_dim)`, on the scale and in the type of the data."""
        index = Z[Z.columns[:0]] if is_frame(Z) else None
        return like_data(self, self._run().decode(np.array(Z)), index)

    def reconstruct(self, X: Array | DataFrame) -> Array | DataFrame:
        """`X` after the bottleneck: same shape, type and range, and no cell missing.

        Of a list of graphs it is a list: of networkx graphs, of sparse adjacencies, or of dicts of arrays.
        """
        run = self._run()
        found = checked(self, X, reset=False)
        if run.schema.of_graphs:
            return reconstructed_graphs(run, X)
        if isinstance(found, Loaded):
            data = examples_of(found, self, run)
            return like_recordings(reconstructed(run, data), data, X)
        rows = values_of(self, found)
        made = run.reconstruct(rows)
        warn_of_range(run, rows, made)
        return like_data(self, made, X)

    def impute(self, X: Array | DataFrame) -> Array | DataFrame:
        """The rows `X (n, columns)` of a table with their missing cells filled in; the others stay.

        A cell is predicted from the others of its row, from the reconstruction, and from the nearest
        training rows; see `narrows.runs.imputation`.

        Raises:
            InputError: for images, which have no missing cells.
        """
        run = self._run()
        return like_data(self, run.impute(values(self, X)), X)

    def restore(self, X: Array) -> Array:
        """Damaged images `X (n, height, width[, channels])` without the corruption of the training.

        A grey image is coloured, a small one enlarged; a hidden pixel is 0.
        """
        run, images = self._run(), np.asarray(X)
        images = images if self.axes is None else in_order(self, images, reset=False)
        return Restorer(run).images(without_gaps(images))

    def score_samples(self, X: Array | DataFrame) -> Array:
        """How normal each row of `X` is, `(n,)`: minus its mean squared error on the model's scale."""
        run = self._run()
        X = values(self, X)
        found = errors(run.scaled(X), run.reconstruct_scaled(X), run.schema.starts)
        return -found.squared / np.maximum(found.values, 1)

    def score(self, X: Array | DataFrame, y: Any = None) -> float:
        """Share of the variance of `X` that the reconstruction explains: 1 is perfect, 0 is the mean.

        Of pairs, `score(noisy, clean)`, it is the share of the variance of the clean ones.

        Raises:
            InputError: for `X` alone, if the autoencoder was fitted to pairs.
        """
        run = self._run()
        if run.config.get("pairs"):
            check_paired(run, "Autoencoder", y)
            clean, made = values(self, y), values(self, self.reconstruct(X))
            return explained_variance(run.scaled(clean), run.scaled(made), run.schema.starts)
        X = values(self, X)
        return explained_variance(run.scaled(X), run.reconstruct_scaled(X), run.schema.starts)

    @classmethod
    def load(
        cls, folder: str | Path, *, encoder: nn.Module | None = None, decoder: nn.Module | None = None
    ) -> Self:
        """The estimator whose run is in `folder`, written by Python or the command line.

        Args:
            folder: the run folder.
            encoder: the torch module that it was fitted with; its weights are in the folder.
            decoder: likewise.

        Raises:
            InputError: when the folder is not whole, or the run is of other modules.
        """
        halves = {"encoder": encoder, "decoder": decoder}
        run = load_run(Path(folder), {half: module for half, module in halves.items() if module is not None})
        flat = run.schema.shape if run.config["flat"] else None
        training = dict(run.config["training"])
        short = {name: training.pop(name) for name in SHORT}
        chosen = {"recipe": run.config["recipe"], "training": training, **short}
        read = run.config.get("reading", {})
        chosen |= {name: read.get(name) for name in ("axes", "window", "stride")}
        parts = {**run.config["spec"], **run.own}
        found = cls(run.model.code_size, random_state=run.config["seed"], image_shape=flat, **chosen, **parts)
        found.run_ = run
        run.device = pick_device(found.device, run.scaling.precision)
        found.n_features_in_ = prod(run.schema.shape) if flat else run.schema.shape[0]
        return found

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
