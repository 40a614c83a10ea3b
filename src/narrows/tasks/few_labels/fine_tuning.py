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
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import torch
from torch import Tensor, nn

from narrows.core.records import Batch, Cost, Pass
from narrows.core.registry import check_options, lookup
from narrows.model.build import Costs, Objective, Trainable, build
from narrows.model.corruptions import Corruption
from narrows.model.recipes import RECIPES
from narrows.runs.run import Run
from narrows.tasks.few_labels.classifiers import Classifier, placed, reach
from narrows.tasks.few_labels.label_propagation import Labelled
from narrows.training.batches import Rows, batch_indices
from narrows.training.loop import learn
from narrows.training.options import Training

DRAWS, EACH = 7680, 20
"""Examples drawn in an epoch of fine-tuning, and how often each is on average, at the most."""

SURE = 0.95
"""The chance of a class from which on the network and the neighbours together settle the others."""

FINE_TUNING: dict[str, Any] = {"epochs": 20, "batch_size": 128, "learning_rate": 2e-3, "keep": "last"}
"""How the encoder is fine-tuned where nothing else is asked for."""


def clustered(recipe: str, classes: int) -> dict[str, Any] | None:
    """What a recipe's bottleneck is to be changed to: a mixture has as many clusters as there are classes."""
    bottleneck = lookup("recipe", RECIPES, recipe)["spec"]["bottleneck"]["name"]
    return {"components": classes} if bottleneck == "mixture" else None


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
