"""What the entries of the table share: records, data sets, trained models, and error measures."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor

from narrows.core.errors import InputError
from narrows.core.records import Batch, Seen
from narrows.core.registry import check_options
from narrows.data.datasets import load
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.evaluation.pca import Pca
from narrows.fitting.choices import Overrides, resolve
from narrows.fitting.fit import with_weights
from narrows.model.build import Model
from narrows.reproduce.findings import Finding
from narrows.runs.folder import load_run, save_run
from narrows.runs.inference import inference
from narrows.runs.migration import SCHEMA_VERSION
from narrows.runs.run import Run
from narrows.training.batches import Rows
from narrows.training.devices import seeded
from narrows.training.history import Epoch
from narrows.training.loop import learn
from narrows.training.options import Training

VERSION = version("narrows")
"""Rows and models of another version are not used again."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the lectures' table: a system, a claim or an exercise.

    Attributes:
        id: P1, Y4, K7, E1 …
        system: its name in a few words.
        statement: what the lecture says about it, in a sentence.
        measure: runs the experiment.
        deck: the values printed on the slides, if any.
    """

    id: str
    system: str
    statement: str
    measure: Callable[[Lab], Finding]
    deck: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> dict[bool | None, str]:
        """The verdicts: claims and exercises hold or not, systems and uses are reached or not."""
        if self.id[0] in "KE":
            return {True: "holds", False: "does not hold here", None: "cannot tell"}
        return {True: "reached", False: "not reached", None: "cannot tell"}


STAND_INS = {"mnist": "glyphs", "fashion-mnist": "glyph-letters"}
"""The sets of the quick table, which need no download."""


class Brief(NamedTuple):
    """The training of a system in the quick table."""

    epochs: int
    learning_rate: float
    batch_size: int = 32
    schedule: str = "constant"


QUICK = {
    **{"p1": Brief(4, 3e-3), "p2": Brief(3, 3e-3), "p3": Brief(4, 3e-3), "p4": Brief(3, 2e-3, 16)},
    **{"p5": Brief(2, 4e-3), "c1": Brief(2, 4e-3), "c1-corrected": Brief(2, 4e-3)},
    **{
        "y1": Brief(6, 3e-3),
        "y2": Brief(5, 1e-2, schedule="one-cycle"),
        "y3": Brief(3, 3e-3),
        "y4": Brief(3, 1e-2),
    },
    **{"y5": Brief(5, 3e-3), "y5-mse": Brief(3, 3e-3), "y6": Brief(4, 5e-3)},
    **{"s5": Brief(12, 4e-3, 128)},
}
"""By recipe. With a tenth of the images small batches give more steps for the same computation."""


def faster(recipe: str, overrides: Overrides) -> Overrides:
    """`overrides` with the training of the quick table, but for what they set themselves."""
    brief = QUICK[recipe]._asdict()
    del brief["epochs"]
    return {**overrides, "training": {**brief, **overrides.get("training", {})}}


class Lab:
    """The data sets of the lectures and the models that entries share; each is trained once.

    Args:
        quick: use the sets of `STAND_INS`, and train for fewer epochs: the same table in minutes, with its
            own thresholds.
        seed: seeds everything random. `seeds` are this and the next two, for medians and intervals.
        folder: where trained models are kept for the next call; None keeps them in memory only.
    """

    def __init__(self, *, quick: bool = False, seed: int = 0, folder: Path | None = None) -> None:
        self.quick, self.seed, self.folder = quick, seed, folder
        self.seeds = (seed, seed + 1, seed + 2)
        self._data: dict[str, Data] = {}
        self._runs: dict[str, Run] = {}
        self._made: dict[Callable[[Lab], Any], Any] = {}

    def pick(self, full: Any, quick: Any) -> Any:
        """`full`, or `quick` in the quick table."""
        return quick if self.quick else full

    @property
    def digits(self) -> Data:
        """MNIST, 60,000 training and 10,000 test images; in the quick table glyphs, 6,000 and 1,000."""
        return self._named("mnist")

    @property
    def fashion(self) -> Data:
        """Fashion-MNIST, 60,000 and 10,000 images; in the quick table letters, 6,000 and 1,000."""
        return self._named("fashion-mnist")

    def _named(self, name: str) -> Data:
        if name not in self._data:
            self._data[name] = load(self.pick(name, STAND_INS[name]))
        return self._data[name]

    def first(self, data: Data, n: int) -> Data:
        """The first `n` training images of `data`, with all of its test images."""
        return data.rows(np.arange(min(n, len(data))))

    def fit(
        self,
        recipe: str,
        data: Data | None = None,
        *,
        latent_dim: int | None = None,
        overrides: Overrides | None = None,
        epochs: int | None = None,
        seed: int | None = None,
        watch: Watch | None = None,
    ) -> Run:
        """Train `recipe` on all training rows of `data` (default: the digits), as the lectures do.

        No choice depends on other rows. The test loss is recorded after each epoch, for the curves only.
        The same arguments return the same run without training again, unless `watch` is given. In the quick
        table a system is trained as `QUICK` says if `epochs` is not given.
        """
        data = data or self.digits
        seed = self.seed if seed is None else seed
        if self.quick and epochs is None and recipe in QUICK:
            epochs, overrides = QUICK[recipe].epochs, faster(recipe, overrides or {})
        key = repr((VERSION, self.quick, recipe, data.name, len(data), latent_dim, overrides, epochs, seed))
        if watch:
            self._runs[key] = train_run(recipe, data, latent_dim, overrides or {}, epochs, seed, watch)
        elif key not in self._runs:
            train = partial(train_run, recipe, data, latent_dim, overrides or {}, epochs, seed)
            self._runs[key] = self._kept(key, train)
        return self._runs[key]

    def fit_seeds(
        self, recipe: str, data: Data | None = None, *, watch: Watch | None = None, **options: Any
    ) -> list[Run]:
        """`fit` with three seeds, in the quick table with one; `watch` sees the first run."""
        first, *others = self.seeds[: self.pick(3, 1)]
        runs = [self.fit(recipe, data, seed=first, watch=watch, **options)]
        return runs + [self.fit(recipe, data, seed=seed, **options) for seed in others]

    def _kept(self, key: str, train: Callable[[], Run]) -> Run:
        """The run of `key` from the folder, or else trained and put there."""
        if self.folder is None:
            return train()
        kept = self.folder / hashlib.sha256(key.encode()).hexdigest()[:16]
        if not kept.exists():
            run = train()
            with suppress(InputError):  # another process has written it meanwhile
                save_run(run, kept)
            return run
        return load_run(kept)

    def once(self, make: Callable[[Lab], T]) -> T:
        """The result of `make` for this lab, computed at its first call."""
        if make not in self._made:
            self._made[make] = make(self)
        made: T = self._made[make]
        return made

    def pca(self, data: Data, dimensions: int) -> tuple[Pca, float]:
        """PCA of the training rows, and its mean squared error per value on the test rows."""
        pca = Pca.fit(flat(data.array), dimensions)
        x = flat(data.held_out.array)
        return pca, mse(x, pca.reconstruct(x))


Watch = Callable[[Run, Epoch], None]
"""Called with the run and the epoch's record after each epoch of training."""


def train_run(
    recipe: str,
    data: Data,
    latent_dim: int | None,
    overrides: Overrides,
    epochs: int | None,
    seed: int,
    watch: Watch | None = None,
) -> Run:
    """Train on all rows without a verdict, and keep the weights of the last epoch."""
    values = data.schema.arrange(data.array)
    choice = data.schema.choose(values)
    spec, training = resolve(recipe, data, choice, latent_dim, overrides)
    training |= {"keep": "last"} if epochs is None else {"keep": "last", "epochs": epochs}
    how = Training(**check_options("training", Training, training)).sized_for(len(values))
    config = {
        "schema_version": SCHEMA_VERSION,
        "recipe": recipe,
        "spec": spec,
        "training": vars(how),
        "seed": seed,
        "schema": data.schema.to_json(),
        "scaling": choice.scaling.to_json(),
    }
    with seeded(seed, torch.device("cpu")):
        run = Run.from_config(config)
        train, test = (Rows(data.schema.arrange(part.array), run.scaling) for part in (data, data.held_out))
        start = time.perf_counter()
        trained = learn(run.objective, train, test, how, lambda epoch: watch and watch(run, epoch))
        run.history = trained.history
        run.earlier = {n: with_weights(run, weights) for n, weights in trained.earlier.items()}
        run.metrics = {"seconds": time.perf_counter() - start}
    return run


def in_batches(run: Run, use: Callable[[Model, Tensor], Tensor], x: Array) -> Array:
    """Apply `use` to the model and to `x (n, values)` in batches of 1000; the results as rows."""
    with inference(run.model) as model:
        pieces = torch.split(torch.as_tensor(x, dtype=torch.float32), 1000)
        return np.concatenate([use(model, piece).flatten(1).numpy() for piece in pieces])


def encode(run: Run, x: Array) -> Array:
    """Codes `(n, code_size)` of `x (n, values)`, which is on the model's scale and may lie off the data."""
    shape = run.schema.model_shape
    return in_batches(run, lambda model, rows: model.encode(Batch(torch.unflatten(rows, 1, shape))), x)


def decode(run: Run, codes: Array) -> Array:
    """Values `(n, values)` decoded from `codes (n, code_size)`, on the model's scale."""
    return in_batches(run, lambda model, z: model.decode(z), codes)


def reconstruct(run: Run, x: Array) -> Array:
    """Reconstructions of `x (n, values)`, which is on the model's scale and may lie off the data."""
    shape = run.schema.model_shape
    return in_batches(run, lambda model, rows: model.reconstruct(Batch(torch.unflatten(rows, 1, shape))), x)


def reconstruct_images(run: Run, x: Array) -> Array:
    """Reconstructions of images `(n, height, width)` in [0, 1], in the same shape."""
    return reconstruct(run, x.reshape(len(x), -1)).reshape(x.shape)


def reconstruct_drawn(run: Run, x: Array, seed: int = 0) -> Array:
    """The same from codes that are drawn from their distributions, as in the training of a VAE."""
    shape = run.schema.model_shape

    def restore(model: Model, rows: Tensor) -> Tensor:
        return model.restore(Seen.clean(Batch(torch.unflatten(rows, 1, shape))), {}, sample=True)

    with seeded(seed, torch.device("cpu")):
        return in_batches(run, restore, x.reshape(len(x), -1)).reshape(x.shape)


def count_weights(run: Run) -> int:
    """The number of trainable weights."""
    return sum(p.numel() for p in run.model.parameters())


def add_noise(x: Array, std: float = 0.3, seed: int = 0) -> Array:
    """Images in [0, 1] plus Gaussian noise, clamped to [0, 1]."""
    noise = np.random.default_rng(seed).standard_normal(x.shape, dtype=np.float32)
    return np.clip(x + np.float32(std) * noise, 0, 1)


def held_out_images(data: Data) -> Array:
    """The test images `(n, height, width)` in [0, 1], float32."""
    return data.held_out.array / np.float32(255)


def flat(values: Array) -> Array:
    """8-bit images `(n, …)` as rows `(n, values)` in [0, 1], float32."""
    return (values.reshape(len(values), -1) / np.float32(255)).astype(np.float32)


def mean_image_error(data: Data) -> float:
    """The mean squared error of the mean training image on the test images: a model without a code."""
    return mse(flat(data.held_out.array), flat(data.array).mean(axis=0))


def class_mean_cross_entropy(data: Data) -> float:
    """The nats per test image of a code that is the label: the mean image of each class, and log 10 for ten.

    The cross-entropy of the class's mean training image is summed over pixels. Labels, which a model without
    supervision does not have, are given.
    """
    assert data.labels is not None
    assert data.held_out.labels is not None
    classes = np.unique(data.labels)
    train, x = flat(data.array), flat(data.held_out.array)
    means = np.stack([train[data.labels == label].mean(axis=0) for label in classes])
    p = np.clip(means, 1e-4, 1 - 1e-4)[np.searchsorted(classes, data.held_out.labels)]
    return float(-(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1).mean() + np.log(len(classes)))


def mse(x: Array, y: Array) -> float:
    """The mean squared difference per value."""
    return float(np.mean((np.asarray(x, dtype=np.float64) - y) ** 2))
