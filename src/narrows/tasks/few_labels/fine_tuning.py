"""Learning from few labels: labels spread to neighbours in code space, and the encoder fine-tuned on both.

An encoder that was trained without labels puts what is alike side by side, as a rule more so than the
values themselves do; which it is, the labels tell. So a label is passed on to the neighbours of its row,
and from them to theirs (Zhou, Bousquet, Lal, Weston & Schölkopf 2004, "Learning with local and global
consistency", NIPS 16). The surest of what comes of it, and the true labels, are what the encoder with a
linear layer on top is trained on (Lee 2013, "Pseudo-label", ICML workshop).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from narrows.core.records import Batch, Cost, Pass
from narrows.core.registry import check_options, lookup
from narrows.data.schema import Array
from narrows.evaluation.errors import Floats
from narrows.evaluation.pca import Pca
from narrows.model.build import Costs, Objective, Trainable, build
from narrows.model.corruptions import Corruption
from narrows.model.recipes import RECIPES
from narrows.runs.run import Run
from narrows.tasks.few_labels.classifiers import Classifier, placed, reach
from narrows.training.batches import Rows, batch_indices
from narrows.training.loop import learn
from narrows.training.options import Training

NEIGHBOURS = 10
"""Neighbours in code space that a row passes its label on to."""

PASSED, ROUNDS = 0.99, 60
"""The share of a row's label that it takes from its neighbours, and how often they are asked."""

SPREAD = 30_000
"""Rows without a label that labels are spread to at the most, drawn at random."""

DRAWS, EACH = 7680, 20
"""Examples drawn in an epoch of fine-tuning, and how often each is on average, at the most."""

COMPONENTS, JUDGED = 32, 3000
"""Principal components that rows are neighbours by, and rows without a label by which spaces are compared."""

UNSURE = 0.3
"""The share of the rows labels were spread to that is not settled by that, those it is least sure about."""

SURE = 0.95
"""The chance of a class from which on the network and the neighbours together settle the others."""

FINE_TUNING: dict[str, Any] = {"epochs": 20, "batch_size": 128, "learning_rate": 2e-3, "keep": "last"}
"""How the encoder is fine-tuned where nothing else is asked for."""


def clustered(recipe: str, classes: int) -> dict[str, Any] | None:
    """What a recipe's bottleneck is to be changed to: a mixture has as many clusters as there are classes."""
    bottleneck = lookup("recipe", RECIPES, recipe)["spec"]["bottleneck"]["name"]
    return {"components": classes} if bottleneck == "mixture" else None


class Labelled(NamedTuple):
    """Rows as they came, the chances `(n, classes)` of their classes, and which are settled or even given.

    What is settled has one class of chance 1.
    """

    values: Array
    target: Floats
    settled: NDArray[np.bool_]
    known: NDArray[np.bool_]


class Space:
    """Rows as points: the numbers `features (n, d)` of each, and who is whose neighbour there."""

    def __init__(self, features: Array) -> None:
        self.features = features

    @cached_property
    def _links(self) -> Any:
        return neighbours(self.features)

    def links(self, rows: NDArray[np.intp]) -> Any:
        """Who is whose neighbour among `rows`."""
        return self._links if len(rows) == len(self.features) else neighbours(self.features[rows])


def spaces(run: Run, values: Array) -> list[Space]:
    """Where labels may spread: among the codes of `values`, or among their principal components."""
    x = np.nan_to_num(run.scaled(values))
    pca = Pca.fit(x[:: 1 + len(x) // SPREAD], COMPONENTS)
    return [Space(run.encode(values)), Space((x - pca.mean) @ pca.directions.T)]


def labelled(
    values: Array, offered: Sequence[Space], y: NDArray[np.intp], classes: int, seed: int = 0
) -> Labelled:
    """The rows with a label, and others with what the labels of their neighbours say about them.

    Args:
        values: `(n, *shape)`, as they came.
        offered: where neighbours may be looked for; the best tells labels that are hidden from it.
        y: `(n,)`, the class of each row from 0, or -1 where it is not known.
        classes: how many there are.
        seed: of the draw of rows without a label.
    """
    rows = some(y, SPREAD, seed)
    given = y[rows] >= 0
    target = one_hot(y[rows], classes)
    if given.all():
        return Labelled(values[rows], target, given, given)
    chances = spread(best(offered, y, classes, seed).links(rows), target, given)
    sure = chances.max(axis=1)
    settled = given | (sure >= np.quantile(sure[~given], UNSURE))
    likeliest = np.eye(classes)[chances.argmax(axis=1)]
    return Labelled(values[rows], np.where(settled[:, None], likeliest, chances), settled, given)


def some(y: NDArray[np.intp], most: int, seed: int) -> NDArray[np.intp]:
    """The numbers of the rows with a label, and of at most so many others, in order."""
    others = np.random.default_rng(seed).permutation(np.flatnonzero(y < 0))[:most]
    return np.sort(np.concatenate([np.flatnonzero(y >= 0), others]))


def one_hot(y: NDArray[np.intp], classes: int) -> Floats:
    """Whole numbers `(n,)` as rows with a 1 in the class's place; -1 as zeros."""
    return np.eye(classes)[np.maximum(y, 0)] * (y >= 0)[:, None]


def best(offered: Sequence[Space], y: NDArray[np.intp], classes: int, seed: int) -> Space:
    """The space where labels spread to most of those labels that are hidden, one half and then the other.

    It is the first where labels are too few to hide any, and where all do equally well.
    """
    rows = some(y, JUDGED, seed)
    place = np.zeros(len(rows), dtype=np.intp)
    for c in range(classes):
        mine = np.flatnonzero(y[rows] == c)
        place[mine] = np.arange(len(mine))
    if place.max() == 0 or len(offered) == 1:
        return offered[0]
    right = [0] * len(offered)
    for i, space in enumerate(offered):
        links = neighbours(space.features[rows])
        for half in (0, 1):
            hidden = (y[rows] >= 0) & (place % 2 == half)
            told = np.where(hidden, -1, y[rows])
            found = spread(links, one_hot(told, classes), told >= 0)
            right[i] += int((found.argmax(axis=1) == y[rows])[hidden].sum())
    return offered[int(np.argmax(right))]


def neighbours(codes: Array) -> Any:
    """Who is whose neighbour among `codes (n, d)`, a sparse matrix `(n, n)`.

    Neighbours count by their distance, in units of what is usual where they lie; all of a row's together
    count about 1.
    """
    from scipy import sparse
    from sklearn.neighbors import NearestNeighbors

    n, k = len(codes), min(NEIGHBOURS, len(codes) - 1)
    search = NearestNeighbors(n_neighbors=k + 1).fit(codes)
    distances, where = (found[:, 1:] for found in search.kneighbors(codes))
    usual = np.maximum(distances[:, k // 2], 1e-12)
    weights = np.exp(-(distances**2) / (usual[:, None] * usual[where]))
    graph = sparse.csr_matrix((weights.ravel(), where.ravel(), np.arange(0, n * k + 1, k)), (n, n))
    graph = graph.maximum(graph.T)
    scale = sparse.diags(1 / np.sqrt(np.maximum(np.asarray(graph.sum(axis=1)).ravel(), 1e-12)))
    return scale @ graph @ scale


def spread(links: Any, target: Floats, known: NDArray[np.bool_]) -> Floats:
    """Labels `target (n, classes)` of the rows that are `known`, passed on along their `links`.

    A row that no label reaches has the same chance of all classes.
    """
    found = target
    for _ in range(ROUNDS):
        found = PASSED * (links @ found) + (1 - PASSED) * target
    total = found.sum(axis=1, keepdims=True)
    found = np.where(total > 1e-12, found / np.maximum(total, 1e-12), 1 / target.shape[1])
    return np.where(known[:, None], target, found)


class CrossEntropy(Trainable):
    """-Σ_k target_k log p_k in nats, p the softmax of the classifier's logits, labels in the context.

    It has what a training asks of an objective. The classifier learns from rows that are corrupted as they
    were for the encoder, images also moved a little. A row that is not settled counts once its class is: by
    the product of what its neighbours say and what the classifier itself says of the row as it is (Sohn et
    al. 2020, "FixMatch", NeurIPS, with the neighbours' part beside it).

    Args:
        model: the classifier.
        corruption: of its input.
        most: pixels by which images are moved at the most.
    """

    def __init__(self, model: Classifier, corruption: Corruption, most: int) -> None:
        super().__init__()
        self.model, self.corruption, self.most = model, corruption, most

    def traced(self, batch: Batch) -> tuple[Costs, Pass]:
        target, counted = self.settle(batch)
        x = moved(batch.x, self.most) if self.training and self.most else batch.x
        seen = self.corruption(replace(batch, x=x)).x
        features = self.model.encoder(seen, {})
        code = self.model.bottleneck(features, {}, sample=False)
        cost = Cost(-counted * (target * code.z[0].log_softmax(1)).sum(1))
        trace = Pass(batch.x, seen, batch.mask, batch.context, features, code, code.z)
        return Costs(cost.value.mean(), {"cross-entropy": cost}), trace

    @torch.no_grad()
    def settle(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Of each row its class, `(batch, classes)`, and whether it is sure enough to count, `(batch,)`."""
        target, settled = batch.context["target"], batch.context["settled"]
        if settled.all():
            return target, settled.float()
        both = target * self.model(batch.x).softmax(1)
        chance, found = (both / both.sum(1, keepdim=True).clamp(min=1e-30)).max(1)
        own = nn.functional.one_hot(found, target.shape[1]).to(target.dtype)
        return torch.where(settled[:, None], target, own), (settled | (chance >= SURE)).float()


class Examples(Rows):
    """Rows with their labels, drawn anew in each epoch: known ones, and those that labels were spread to.

    The share of the known ones is the square root of that among the rows: true labels count for more than
    others, but the fewer they are, the sooner they are learned by heart.
    """

    def __init__(self, run: Run, labels: Labelled, device: torch.device) -> None:
        super().__init__(run.schema.arrange(labels.values), run.scaling, device)
        self.target = torch.as_tensor(labels.target, dtype=torch.float32, device=device)
        parts = torch.as_tensor(labels.known)
        self.parts = [parts.nonzero()[:, 0], (~parts).nonzero()[:, 0]]
        self.drawn = min(DRAWS, EACH * len(labels.known))
        known = round(self.drawn * math.sqrt(float(labels.known.mean())))
        self.counts = [known, self.drawn - known]
        self.settled = torch.as_tensor(labels.settled, device=device)

    def __len__(self) -> int:
        return self.drawn

    def batch(self, index: Tensor) -> Batch:
        found = super().batch(index)
        known = {"target": self.target[index], "settled": self.settled[index]}
        return replace(found, context={**found.context, **known})

    def batches(self, size: int) -> Iterator[Batch]:
        """The known examples in order, as they are."""
        for index in torch.split(self.parts[0].to(self.device), size):
            yield self.batch(index)

    def shuffled(self, size: int) -> Iterator[Batch]:
        drawn = [draw(part, n) for part, n in zip(self.parts, self.counts, strict=True)]
        order = torch.cat(drawn)[torch.randperm(self.drawn)]
        for index in batch_indices(order, size):
            yield self.batch(index.to(self.device))


def draw(part: Tensor, n: int) -> Tensor:
    """`n` entries of `part`, each as often as any other but for one time."""
    times = -(-n // max(1, len(part)))
    return torch.cat([part[:0], *(part[torch.randperm(len(part))] for _ in range(times))])[:n]


def moved(x: Tensor, most: int) -> Tensor:
    """Images `(n, channels, height, width)`, each moved by up to `most` pixels, their edges repeated."""
    down, right = torch.randint(-most, most + 1, (2, len(x)), device=x.device)
    return placed(x, down, right)


def fine_tune(
    run: Run, labels: Labelled, how: dict[str, Any], seed: int, device: torch.device, *, scratch: bool = False
) -> Classifier:
    """The encoder of `run` with a linear layer on top, trained on `labels`.

    Args:
        run: the fitted run; its own weights stay as they are.
        labels: what to learn.
        how: options of `Training`, in the place of those that are usual here.
        seed: of the linear layer and of the training.
        device: where to train.
        scratch: whether to begin with random weights instead of the encoder's.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        fresh = build(run.config["spec"], run.schema.domain(run.scaling), run.own)
        encoder = fresh.model.encoder if scratch else copy.deepcopy(run.model.encoder)
        network = Classifier(encoder, labels.target.shape[1])
        objective = CrossEntropy(network, fresh.corruption, reach(run))
        rows = Examples(run, labels, device)
        training = Training(**check_options("fine tuning", Training, {**FINE_TUNING, **how}))
        learn(cast(Objective, objective), rows, rows, training)
    return network.eval()
