"""Reconstruction losses: negative log-likelihoods and distances.

A cost is summed over the observed values of an example. `mean` turns the decoder's output into values
on the model's scale.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import groupby
from math import prod
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.errors import InputError
from narrows.core.records import Context, Domain, Pass, per_example
from narrows.core.registry import lookup, options, within
from narrows.model.log_variance import bounded
from narrows.model.messages import log_degrees, walked, walked_rows

Link = Literal["identity", "sigmoid", "tanh"]
Per = Literal["example", "value"]

LINKS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda y: y,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}


class Loss(nn.Module):
    """Compares the target `x (batch, *shape)` with the decoder's output `y (samples, batch, …)`.

    Attributes:
        per_value: how many numbers the decoder outputs for each value: with 2, `y` has twice as many
            channels as `x`.
        weight: the factor of the cost in the objective.
        plain: whether `y` are the values themselves.
        bounded: whether values cannot leave the range that the loss is for, [0, 1] as a rule.
        of_edges: whether it compares predicted edges, not values; it is then for nodes of a graph.
        on_reals: the name of the loss that replaces this one where values are real and unbounded, as in
            data drawn from a normal distribution.
    """

    reference = ""
    per_value = 1
    weight: float = 1.0
    plain = False
    bounded = False
    of_edges = False
    on_reals: ClassVar[str] = "gaussian"

    def forward(self, p: Pass) -> Tensor:
        """The cost `(samples, batch)` of each example, summed over its observed values."""
        cost = self.each(p.y, p.x)
        if p.mask is not None:
            cost = torch.where(p.mask, cost, 0.0)
        return per_example(cost, p.context)

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        """The cost `(samples, batch, *shape)` of each value."""
        raise NotImplementedError

    def mean(self, y: Tensor) -> Tensor:
        """The values on the model's scale, `(samples, batch, *shape)`: the mean given the output `y`."""
        raise NotImplementedError

    def outputs(self, x: Tensor) -> Tensor | None:
        """Outputs that stand for about the values `x`; None for a loss that does not tell."""
        return x if self.plain else None


def on_reals(part: Mapping[str, Any]) -> dict[str, Any]:
    """The loss, a name with its options, that replaces `part` where values are real and unbounded.

    It keeps the options that it has, too, such as the weight, but no link: its output is unbounded.

    >>> on_reals({"name": "bernoulli", "weight": 4.0})
    {'name': 'gaussian', 'weight': 4.0}
    """
    name = lookup("loss", LOSSES, part["name"]).on_reals
    kept = options(LOSSES[name]).keys() - {"link"}
    return {"name": name, **{option: value for option, value in part.items() if option in kept}}


class Distance(Loss):
    """A distance between x̂ and x.

    Args:
        link: the function from the decoder's output to x̂; "sigmoid" for data in [0, 1].
        weight: factor of the distance in the objective: the C of C·‖x - x̂‖² + KL.
        per: "example", the weight multiplies the sum over an example's values; "value", their mean, as
            in `torch.nn.MSELoss`, which makes the other costs more important.
    """

    def __init__(
        self, domain: Domain, *, link: Link = "identity", weight: float = 1.0, per: Per = "example"
    ) -> None:
        super().__init__()
        self.link = link
        self.plain = link == "identity"
        self.bounded = not self.plain
        self.weight = factor_of_sum(weight, per, domain)

    def mean(self, y: Tensor) -> Tensor:
        return LINKS[self.link](y)


def factor_of_sum(weight: float, per: Per, domain: Domain) -> float:
    """The factor of the sum over an example's values: `weight`, for `per` "value" divided by their number."""
    return within("weight", weight, 0) / (prod(domain.shape) if per == "value" else 1)


class Squared(Distance):
    """Σ (x - x̂)², in squared units of the model's scale."""

    on_reals = "squared"

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        return (self.mean(y) - x) ** 2


class Absolute(Distance):
    """Σ |x - x̂|, which is less sensitive to outliers."""

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        return (self.mean(y) - x).abs()


NEAR_CERTAIN = 0.02
"""A probability from which a model begins lies so far from 0 and 1, at the least."""


class Bernoulli(Loss):
    """-Σ x log p + (1 - x) log(1 - p) in nats, p = sigmoid(y), computed from y without overflow.

    For binary values, and for grey values in [0, 1], which are taken for probabilities.

    Args:
        weight: factor of the loss in the objective.
        per: "example", the weight multiplies the sum over an example's values; "value", their mean.
    """

    bounded = True

    def __init__(self, domain: Domain, *, weight: float = 1.0, per: Per = "example") -> None:
        super().__init__()
        self.weight = factor_of_sum(weight, per, domain)
        if domain.low < 0 or domain.high > 1:
            span = f"[{domain.low:.4g}, {domain.high:.4g}]"
            raise InputError(
                f"The loss 'bernoulli' is for values in [0, 1], but these lie in {span}; set "
                f"loss.name=squared."
            )

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        # Equal to torch's binary_cross_entropy_with_logits, which would copy x for each sample.
        return functional.softplus(y) - x * y

    def mean(self, y: Tensor) -> Tensor:
        return torch.sigmoid(y)

    def outputs(self, x: Tensor) -> Tensor:
        return torch.logit(x, eps=NEAR_CERTAIN)


class Gaussian(Loss):
    """½ Σ log 2πσ² + (x - x̂)²/σ² in nats, with a learned variance σ².

    The variance balances the reconstruction with the costs of the code (Rybkin et al. 2021).

    Args:
        variance: "shared", one for all values; "each", one for each value of an example (a pixel,
            a column); "predicted", by the decoder for each value of each example.
        link: the function from the decoder's output to x̂; "sigmoid" for data in [0, 1].
        weight: factor of the loss in the objective.
        per: "example", the weight multiplies the sum over an example's values; "value", their mean.
    """

    reference = (
        "Rybkin, Daniilidis & Levine 2021. Simple and effective VAE training with calibrated decoders. ICML."
    )

    def __init__(
        self,
        domain: Domain,
        *,
        variance: Literal["shared", "each", "predicted"] = "shared",
        link: Link = "identity",
        weight: float = 1.0,
        per: Per = "example",
    ) -> None:
        super().__init__()
        self.link = link
        self.weight = factor_of_sum(weight, per, domain)
        self.bounded = link != "identity"
        self.per_value = 2 if variance == "predicted" else 1
        self.plain = link == "identity" and self.per_value == 1
        if variance != "predicted":
            self.log_var = nn.Parameter(torch.zeros(domain.shape if variance == "each" else ()))

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        log_var = bounded(y.chunk(2, dim=2)[1] if self.per_value == 2 else self.log_var)
        return 0.5 * (math.log(2 * math.pi) + log_var + (x - self.mean(y)) ** 2 / log_var.exp())

    def mean(self, y: Tensor) -> Tensor:
        return LINKS[self.link](y.chunk(2, dim=2)[0] if self.per_value == 2 else y)


class Poisson(Loss):
    """Σ λ - x log λ + log Γ(x + 1) in nats, λ = softplus(y), for counts.

    The same formula is used for counts that were divided by a scale. It is then no likelihood in nats,
    but its minimum is still at the mean.
    """

    def __init__(self, domain: Domain) -> None:
        super().__init__()
        if domain.low < 0:
            raise InputError(
                f"The loss 'poisson' is for counts, but the minimum of these values is {domain.low:.4g}; set "
                f"loss.name=squared."
            )

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        rate = self.mean(y)
        return rate - x * rate.log() + torch.lgamma(x + 1)

    def mean(self, y: Tensor) -> Tensor:
        return functional.softplus(y) + 1e-8


class Categorical(Loss):
    """-Σ x log softmax(y) in nats: one of several categories, one-hot along the last axis.

    Args:
        times: how many categories there are, whose first levels come first.
    """

    def __init__(self, domain: Domain, *, times: int = 1) -> None:
        super().__init__()
        self.levels = (-1, times)

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        return -x * torch.log_softmax(torch.unflatten(y, -1, self.levels), dim=-2).flatten(-2)

    def mean(self, y: Tensor) -> Tensor:
        return torch.softmax(torch.unflatten(y, -1, self.levels), dim=-2).flatten(-2)


class Mixed(Loss):
    """A loss for each column of a table or graph: squared, Bernoulli for booleans, softmax for categories.

    Args:
        numbers: "squared", a distance; "gaussian", ½ log 2πσ² + (x - x̂)²/2σ² in nats with one learned
            variance, which is comparable with a divergence.

    Attributes:
        numbers: `(values,)`, which values are numbers.
    """

    numbers: Tensor

    def __init__(self, domain: Domain, *, numbers: Literal["squared", "gaussian"] = "squared") -> None:
        super().__init__()
        if not domain.columns:
            raise InputError(
                "The loss 'mixed' is for tables with booleans or categories; these data have none."
            )
        whole = {"number": LOSSES[numbers], "boolean": Bernoulli}
        self.widths, parts = [], nn.ModuleList()
        # All numbers are one part, and all booleans; each category is a part of its own.
        for nature, group in groupby(domain.columns, lambda column: column.nature):
            alike = list(group)
            widths = [column.width * column.times for column in alike]
            if nature == "category":
                parts.extend(Categorical(Domain((c.width,)), times=c.times) for c in alike)
                self.widths += widths
            else:
                parts.append(whole[nature](Domain((sum(widths),))))
                self.widths.append(sum(widths))
        self.parts = parts
        columns = (each for column in domain.columns for each in [column] * column.width * column.times)
        of_numbers = torch.tensor([column.nature == "number" for column in columns])
        self.register_buffer("numbers", of_numbers, persistent=False)

    def each(self, y: Tensor, x: Tensor) -> Tensor:
        pieces = zip(
            self.parts, torch.split(y, self.widths, -1), torch.split(x, self.widths, -1), strict=True
        )
        return torch.cat([part.each(a, b) for part, a, b in pieces], dim=-1)  # type: ignore[operator]

    def mean(self, y: Tensor) -> Tensor:
        pieces = zip(self.parts, torch.split(y, self.widths, -1), strict=True)
        return torch.cat([part.mean(a) for part, a in pieces], dim=-1)  # type: ignore[operator]


class Edges(Loss):
    """-Σ log p over edges - Σ log(1 - p) over other pairs, p the sigmoid of log-odds, in nats.

    The log-odds are y_i · y_j + c, and with `walks` also w log(1 + 1000 (Sᵏ)_ij) + v log(d_i d_j). S is the
    normalised adjacency along which messages pass, (Sᵏ)_ij weighs the walks of k steps between two nodes, and
    d counts a node and its neighbours: what the known edges say of a pair beside its codes. w, v and c are
    learned. Half of a pair's cost counts for each of its nodes. Which edges are judged the context says; the
    others are as many pairs drawn at random, unless it has these too.

    c is learned ten times as fast as the weights that order pairs; of nodes without features w and v are,
    too, because they differ more between such graphs. w and v begin with 0.8 and 0.08, which were chosen on
    validation edges of the citation graphs Cora and Pubmed.

    Args:
        walks: k, from 2 to 6; 0 leaves walks and degrees out.
    """

    reference = "Kipf & Welling 2016. Variational graph auto-encoders. NIPS Bayesian Deep Learning workshop."
    of_edges = True
    speeds: Tensor

    def __init__(self, domain: Domain, *, walks: int = 4) -> None:
        super().__init__()
        if not domain.linked:
            raise InputError(
                "The loss 'edges' is for graphs, but these data have no edges; choose another one."
            )
        self.walks = int(within("walks", walks, 2, 6)) if walks else 0
        speed = FAST if domain.nodes else 1.0
        terms = 3 if self.walks else 1
        self.register_buffer("speeds", torch.tensor([FAST, speed, speed][:terms]), persistent=False)
        self.weights = nn.Parameter(torch.tensor([-1.5, 0.8, 0.08][:terms]) / self.speeds)

    @property
    def learned(self) -> Tensor:
        """c, and with walks w and v, `(1,)` or `(3,)`."""
        return self.weights * self.speeds

    def forward(self, p: Pass) -> Tensor:
        positive, negative = judged_pairs(p.context, p.y.shape[1])
        cost = torch.zeros(p.y.shape[:2], dtype=p.y.dtype, device=p.y.device)
        for pairs, sign in ((positive, -1), (negative, 1)):
            each = functional.softplus(sign * self.log_odds(p.y, pairs, p.context)) / 2
            cost = cost.index_add(1, pairs[:, 0], each).index_add(1, pairs[:, 1], each)
        return cost

    def log_odds(self, y: Tensor, pairs: Tensor, context: Context) -> Tensor:
        """The predicted log-odds of an edge, `(samples, m)`, for each of the `pairs (m, 2)`."""
        flat = y.flatten(2)
        odds = torch.linalg.vecdot(*(flat.index_select(1, end) for end in pairs.unbind(1)))
        offset, *others = self.learned
        if not self.walks:
            return odds + offset
        s = context["propagation"]
        degrees = log_degrees(s)[pairs].sum(dim=1)
        found = torch.log1p(WALKED * walked(s, pairs, self.walks))
        return odds + offset + others[0] * found + others[1] * degrees

    def all_odds(self, y: Tensor, rows: Tensor, context: Context) -> Tensor:
        """The predicted log-odds of an edge of the nodes `rows (k,)` with all nodes, `(k, n)`.

        `y` is the decoder's output `(n, values)`.
        """
        offset, *others = self.learned
        odds = y[rows] @ y.T + offset
        if self.walks:
            s = context["propagation"]
            degrees = log_degrees(s)
            i, j, values = walked_rows(s, rows, self.walks)
            odds = odds + others[1] * (degrees[rows, None] + degrees)
            odds[i, j] += others[0] * torch.log1p(WALKED * values)
        return odds

    def mean(self, y: Tensor) -> Tensor:
        raise InputError(
            "A model of a graph predicts edges, not the features of nodes, so there is nothing to decode or "
            "reconstruct; narrows links RUN writes likely edges, narrows encode RUN DATA the codes."
        )


FAST = 10.0
"""How many times as fast as others some weights are learned."""

WALKED = 1000.0
"""The unit of (Sᵏ)_ij, below which its logarithm is nearly its value."""


def judged_pairs(context: Context, n: int) -> tuple[Tensor, Tensor]:
    """The edges `(m, 2)` that are judged, and other pairs, drawn at random where the context has none."""
    positive = context["positive"]
    if "negative" in context:
        return positive, context["negative"]
    drawn = torch.randint(n, positive.shape, device=positive.device).sort(dim=1).values
    keys, known = (pairs[:, 0] * n + pairs[:, 1] for pairs in (drawn, context["known"]))
    places = torch.searchsorted(known, keys).clamp(max=len(known) - 1)
    return positive, drawn[(known[places] != keys) & (drawn[:, 0] != drawn[:, 1])]


LOSSES: dict[str, type[Loss]] = {
    "squared": Squared,
    "absolute": Absolute,
    "bernoulli": Bernoulli,
    "gaussian": Gaussian,
    "poisson": Poisson,
    "mixed": Mixed,
    "edges": Edges,
}
