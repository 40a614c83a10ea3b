"""The loss of graphs whose edges are predicted."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.errors import InputError
from narrows.core.records import Context, Domain, Pass
from narrows.core.registry import within
from narrows.model.losses.base import Loss
from narrows.model.messages import log_degrees, walked, walked_rows


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
