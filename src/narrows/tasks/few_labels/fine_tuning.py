"""Fine-tuning: an encoder with a linear layer is trained on given labels and pseudo-labels.

Lee 2013, "Pseudo-label: the simple and efficient semi-supervised learning method", ICML workshop. The
pseudo-labels come from `narrows.tasks.few_labels.pseudo_labels`.
"""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from narrows.core.records import Batch, Cost, Pass
from narrows.core.registry import check_options
from narrows.data.schema import Array
from narrows.model.build import Costs, Objective, Trainable, build
from narrows.model.corruptions import Corruption
from narrows.model.recipe_names import recipe_name
from narrows.model.recipes import RECIPES
from narrows.runs.run import Run
from narrows.tasks.few_labels.classifiers import Classifier, FineTuned, max_shift, shifted
from narrows.tasks.few_labels.pseudo_labels import Labelled, Represented, choose_teacher, pseudo_labelled
from narrows.training.batches import Rows
from narrows.training.loop import learn
from narrows.training.options import Training

MAX_DRAWS, MAX_REPEATS = 7680, 20
"""Examples drawn in an epoch at the most, and how often each is drawn on average at the most."""

CONFIDENCE = 0.95
"""The probability of a class above which a row with a soft label is trained on."""

FINE_TUNING: dict[str, Any] = {"epochs": 20, "batch_size": 128, "learning_rate": 2e-3, "keep": "last"}
"""Default options of the training."""


def bottleneck_for(recipe: str, classes: int) -> dict[str, Any] | None:
    """Options of a recipe's bottleneck: a mixture gets one component for each class; others get none."""
    bottleneck = RECIPES[recipe_name(recipe)]["spec"]["bottleneck"]["name"]
    return {"components": classes} if bottleneck == "mixture" else None


class CrossEntropy(Trainable):
    """-Σ_k target_k log p_k in nats, p the softmax of the classifier's logits, targets in the context.

    The input is corrupted as in the training of the encoder, and images are shifted at random. A row with a
    soft label is trained on when the product of its propagated and its predicted probabilities gives one
    class a probability of `CONFIDENCE`, which is then its label (after Sohn et al. 2020, "FixMatch",
    NeurIPS, which uses the predicted ones alone).

    Args:
        model: the classifier.
        corruption: of its input.
        most: pixels by which images are shifted at most.
    """

    def __init__(self, model: Classifier, corruption: Corruption, most: int) -> None:
        super().__init__()
        self.model, self.corruption, self.most = model, corruption, most

    def traced(self, batch: Batch) -> tuple[Costs, Pass]:
        target, weight = self.hard_targets(batch)
        x = randomly_shifted(batch.x, self.most) if self.training and self.most else batch.x
        seen = self.corruption(replace(batch, x=x)).x
        features = self.model.encoder(seen, {})
        code = self.model.bottleneck(features, {}, sample=False)
        cost = Cost(-weight * (target * code.z[0].log_softmax(1)).sum(1))
        trace = Pass(batch.x, seen, batch.mask, batch.context, features, code, code.z)
        return Costs(cost.value.mean(), {"cross-entropy": cost}), trace

    @torch.no_grad()
    def hard_targets(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """One-hot targets `(batch, classes)`, and weights `(batch,)`: 1 for rows to train on, else 0."""
        target, hard = batch.context["target"], batch.context["hard"]
        if hard.all():
            return target, hard.float()
        product = target * self.model(batch.x).softmax(1)
        probability, label = (product / product.sum(1, keepdim=True).clamp(min=1e-30)).max(1)
        predicted = nn.functional.one_hot(label, target.shape[1]).to(target.dtype)
        weight = (hard | (probability >= CONFIDENCE)).float()
        return torch.where(hard[:, None], target, predicted), weight


class LabelledRows(Rows):
    """Rows with their labels, drawn anew in each epoch.

    The share of rows with a given label in an epoch is the square root of their share of all rows. So they
    are drawn more often than others; but the fewer they are, the sooner they are overfitted.
    """

    def __init__(self, run: Run, labels: Labelled, device: torch.device) -> None:
        values = run.schema.arrange(labels.values)
        super().__init__(values, run.scaling, device, collate=run.schema.collate)
        self.target = torch.as_tensor(labels.target, dtype=torch.float32, device=device)
        self.hard = torch.as_tensor(labels.hard, device=device)
        given = torch.as_tensor(labels.given)
        self.parts = [given.nonzero()[:, 0], (~given).nonzero()[:, 0]]
        self.drawn = min(MAX_DRAWS, MAX_REPEATS * len(labels.given))
        first = round(self.drawn * math.sqrt(float(labels.given.mean())))
        self.counts = [first, self.drawn - first]

    def __len__(self) -> int:
        return self.drawn

    def batch(self, index: Tensor) -> Batch:
        batch = super().batch(index)
        labels = {"target": self.target[index], "hard": self.hard[index]}
        return replace(batch, context={**batch.context, **labels})

    def places(self) -> Tensor:
        """The rows with a given label."""
        return self.parts[0]

    def order(self) -> Tensor:
        drawn = [draw(part, n) for part, n in zip(self.parts, self.counts, strict=True)]
        return torch.cat(drawn)[torch.randperm(self.drawn)]


def draw(part: Tensor, n: int) -> Tensor:
    """`n` entries of `part` in random order; their counts differ by at most 1."""
    times = -(-n // max(1, len(part)))
    return torch.cat([part[:0], *(part[torch.randperm(len(part))] for _ in range(times))])[:n]


def randomly_shifted(x: Tensor, most: int) -> Tensor:
    """Images `(n, channels, height, width)`, each shifted by up to `most` pixels along both axes."""
    down, right = torch.randint(-most, most + 1, (2, len(x)), device=x.device)
    return shifted(x, down, right)


def fine_tune(
    run: Run,
    labels: Labelled,
    options: dict[str, Any],
    seed: int,
    device: torch.device,
    *,
    scratch: bool = False,
) -> Classifier:
    """The encoder of `run` with a linear layer, trained on `labels`.

    Args:
        run: the fitted run; its weights do not change.
        labels: what to learn.
        options: of `Training`, in place of those in `FINE_TUNING`.
        seed: of the linear layer and of the training.
        device: where to train.
        scratch: whether the encoder starts from random weights.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        fresh = build(run.config["spec"], run.schema.domain(run.scaling), run.own)
        encoder = fresh.model.encoder if scratch else copy.deepcopy(run.model.encoder)
        network = Classifier(encoder, labels.target.shape[1])
        objective = CrossEntropy(network, fresh.corruption, max_shift(run))
        rows = LabelledRows(run, labels, device)
        training = Training(**check_options("fine tuning", Training, {**FINE_TUNING, **options}))
        learn(cast(Objective, objective), rows, rows, training)
    return network.eval()


def learn_classes(
    run: Run,
    values: Array,
    rows: Represented,
    y: NDArray[np.intp],
    classes: int,
    options: dict[str, Any],
    seed: int,
    device: torch.device,
) -> FineTuned:
    """The encoder of `run`, fine-tuned on the labels `y` and on pseudo-labels that follow from them.

    The probabilities of a logistic regression on the values are averaged with those of the network, with half
    of the weight that it has as a teacher: the network has learned from it, too, and is seldom worse.

    Args:
        run: the fitted run; its weights do not change.
        values: `(n, *shape)`, as they came.
        rows: the same in their representations.
        y: `(n,)`, the number of each row's class, -1 where it has no label.
        classes: the number of classes.
        options: of `Training`, in place of those in `FINE_TUNING`.
        seed: of every draw and of the training.
        device: where to train.
    """
    teacher = choose_teacher(rows, y, classes, seed)
    labels = pseudo_labelled(values, rows, y, teacher, seed)
    return FineTuned(fine_tune(run, labels, options, seed, device), teacher.linear, teacher.weight / 2)
