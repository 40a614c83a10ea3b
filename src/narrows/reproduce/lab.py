"""What every entry of the table stands on: the data, the models fitted to them, and what was found."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from narrows.core.records import Batch
from narrows.core.registry import check_options
from narrows.data.datasets import load
from narrows.data.examples import Data
from narrows.data.kinds import describe
from narrows.data.schema import Array
from narrows.data.sources import InMemory
from narrows.evaluation.pca import Pca
from narrows.fitting.choices import Overrides, resolve
from narrows.model.build import Model
from narrows.runs.inference import inference
from narrows.runs.run import Run
from narrows.training.batches import Rows
from narrows.training.history import Epoch
from narrows.training.loop import learn
from narrows.training.options import Training


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing (SVG) or a picture (HTML) for the page, and what it shows."""

    html: str
    caption: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one entry came to.

    Attributes:
        measured: our numbers by name, JSON values.
        yardstick: what they are to be compared with, by name.
        holds: whether the deck's statement, or the number asked for, was met on these data.
        sentence: the finding in words.
        figures: what it looks like.
    """

    measured: Mapping[str, Any]
    yardstick: Mapping[str, Any]
    holds: bool
    sentence: str
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the decks' table.

    Attributes:
        id: as in the table: P1, Y4, K7, E1 …
        system: its name in a few words.
        statement: what the deck says of it, in a sentence.
        measure: finds out.
        deck: the numbers that stand in the deck, if any.
    """

    id: str
    system: str
    statement: str
    measure: Callable[[Lab], Finding]
    deck: Mapping[str, Any] = field(default_factory=dict)


class Lab:
    """The data of the lectures and the models that entries share; each is fitted once.

    Args:
        quick: the digits of scikit-learn enlarged to 28×28 instead of MNIST and Fashion-MNIST, and
            shorter trainings: the same table in minutes, with thresholds of its own.
        seed: of all that is random.
    """

    def __init__(self, *, quick: bool = False, seed: int = 0) -> None:
        self.quick, self.seed = quick, seed
        self._data: dict[str, Data] = {}
        self._runs: dict[str, Run] = {}

    def pick(self, full: Any, quick: Any) -> Any:
        """What the full table takes, or the quick one."""
        return quick if self.quick else full

    @property
    def digits(self) -> Data:
        """MNIST: 60,000 images to train on, and in `test` 10,000; or the enlarged digits, 1438 and 359."""
        return self._named("mnist")

    @property
    def fashion(self) -> Data:
        """Fashion-MNIST, as `digits`; in the quick table the digits again."""
        return self._named("fashion-mnist")

    def _named(self, name: str) -> Data:
        key = "digits" if self.quick else name
        if key not in self._data:
            self._data[key] = enlarged_digits() if self.quick else load(name)
        return self._data[key]

    def first(self, data: Data, n: int) -> Data:
        """The first `n` training images of `data`; its test part stays whole."""
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
        """`recipe` trained on all training rows of `data` (the digits unless given), as a lecture does.

        Nothing is chosen on other rows. The test part is judged after each epoch, for the curves only.
        The same choices give the same run again without training, unless `watch` wants to see each epoch.
        """
        data = data or self.digits
        seed = self.seed if seed is None else seed
        key = repr((recipe, data.name, len(data), latent_dim, overrides, epochs, seed))
        if key not in self._runs or watch:
            self._runs[key] = train_run(recipe, data, latent_dim, overrides or {}, epochs, seed, watch)
        return self._runs[key]

    def pca(self, data: Data, dimensions: int) -> tuple[Pca, float]:
        """PCA of the training part, and its mean squared error per value on the test part."""
        pca = Pca.fit(flat(data.array), dimensions)
        x = flat(data.held_out.array)
        return pca, mse(x, pca.reconstruct(x))


Watch = Callable[[Run, Epoch], None]
"""Is shown the model after each epoch of its training."""


def train_run(
    recipe: str,
    data: Data,
    latent_dim: int | None,
    overrides: Overrides,
    epochs: int | None,
    seed: int,
    watch: Watch | None = None,
) -> Run:
    """A run without a verdict: trained on all rows, ending with the weights that the recipe keeps."""
    values = data.schema.arrange(data.array)
    choice = data.schema.choose(values)
    spec, training = resolve(recipe, data, choice, latent_dim, overrides)
    training |= {"keep": "last"} if epochs is None else {"keep": "last", "epochs": epochs}
    how = Training(**check_options("training", Training, training)).sized_for(len(values))
    config = {
        "recipe": recipe,
        "spec": spec,
        "training": vars(how),
        "seed": seed,
        "schema": data.schema.to_json(),
        "scaling": choice.scaling.to_json(),
        "density": {"components": 1},
    }
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        run = Run.from_config(config)
        rows, judged = (Rows(data.schema.arrange(part.array), run.scaling) for part in (data, data.held_out))
        start = time.perf_counter()
        found = learn(run.objective, rows, judged, how, lambda epoch: watch and watch(run, epoch))
        run.history = found.history
        run.metrics = {"seconds": time.perf_counter() - start}
    return run


def in_batches(run: Run, use: Callable[[Model, Tensor], Tensor], x: Array) -> Array:
    """What `use` makes of the model and rows of `x`, flat, for all rows `(n, values)`."""
    with inference(run.model) as model:
        pieces = torch.split(torch.as_tensor(x, dtype=torch.float32), 1000)
        return np.concatenate([use(model, piece).flatten(1).numpy() for piece in pieces])


def encode(run: Run, x: Array) -> Array:
    """Codes `(n, code_size)` of `x (n, values)`, on the model's scale and perhaps unlike the data."""
    shape = run.schema.model_shape
    return in_batches(run, lambda model, rows: model.encode(Batch(torch.unflatten(rows, 1, shape))), x)


def decode(run: Run, codes: Array) -> Array:
    """Values `(n, values)` on the model's scale of `codes (n, code_size)`."""
    return in_batches(run, lambda model, z: model.decode(z), codes)


def reconstruct(run: Run, x: Array) -> Array:
    """Reconstructions of `x (n, values)`, on the model's scale and perhaps unlike the data."""
    shape = run.schema.model_shape
    return in_batches(run, lambda model, rows: model.reconstruct(Batch(torch.unflatten(rows, 1, shape))), x)


def reconstruct_images(run: Run, x: Array) -> Array:
    """What the model makes of images `(n, height, width)` in [0, 1], in the same shape."""
    return reconstruct(run, x.reshape(len(x), -1)).reshape(x.shape)


def count_weights(run: Run) -> int:
    """How many numbers the network learned."""
    return sum(p.numel() for p in run.model.parameters())


def add_noise(x: Array, std: float = 0.3, seed: int = 0) -> Array:
    """Images in [0, 1] with normal noise, clamped to [0, 1] again."""
    noise = np.random.default_rng(seed).standard_normal(x.shape, dtype=np.float32)
    return np.clip(x + np.float32(std) * noise, 0, 1)


def held_out_images(data: Data) -> Array:
    """The test images `(n, height, width)` in [0, 1], float32."""
    return data.held_out.array / np.float32(255)


def enlarged_digits() -> Data:
    """The digits of scikit-learn at 28×28, every fifth of them in the test part."""
    small = load("digits")
    x = torch.as_tensor(small.array)[:, None].float() / 16
    large = torch.nn.functional.interpolate(x, (28, 28), mode="bilinear")[:, 0].clamp(0, 1)
    values = (255 * large).round().to(torch.uint8).numpy()
    assert small.labels is not None
    held = np.arange(len(values)) % 5 == 4
    schema = describe(values)
    test = Data(InMemory(values[held]), schema, "digits", labels=small.labels[held])
    return Data(InMemory(values[~held]), schema, "digits", labels=small.labels[~held], test=test)


def flat(values: Array) -> Array:
    """Images of bytes as rows of numbers in [0, 1], float32."""
    return (values.reshape(len(values), -1) / np.float32(255)).astype(np.float32)


def mean_image_error(data: Data) -> float:
    """The error of the mean training image on the test images: what a model without a code comes to."""
    return mse(flat(data.held_out.array), flat(data.array).mean(axis=0))


def mean_image_cross_entropy(data: Data) -> float:
    """The cross-entropy of the mean training image, summed over pixels, mean over the test images."""
    p = np.clip(flat(data.array).mean(axis=0), 1e-4, 1 - 1e-4)
    x = flat(data.held_out.array)
    return float(-(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1).mean())


def mse(x: Array, y: Array) -> float:
    """The mean squared difference per value."""
    return float(np.mean((np.asarray(x, dtype=np.float64) - y) ** 2))
