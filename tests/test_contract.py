"""What every composition of parts must do. Over the tables, so that a new part is tested too."""

from __future__ import annotations

import copy
import itertools
import json
import math
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from torch.nn.functional import one_hot

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain, Grid, ModelColumn, Seen
from narrows.core.registry import options
from narrows.data.graphs.propagation import propagation
from narrows.model.bottlenecks import BOTTLENECKS
from narrows.model.build import Objective, build
from narrows.model.corruptions import CORRUPTIONS
from narrows.model.losses import LOSSES
from narrows.model.networks import NETWORKS
from narrows.model.penalties import PENALTIES

TABLES: list[list[str]] = [
    list(CORRUPTIONS),
    list(NETWORKS),
    list(BOTTLENECKS),
    list(LOSSES),
    ["no penalty", *PENALTIES],
]
IMAGES = Domain((2, 7, 5), 0.0, 1.0, grid=Grid(0.0, 1 / 255, 256))
SEQUENCES = Domain((2, 12), 0.0, 1.0)
TABLE = Domain(
    (9,),
    0.0,
    1.0,
    (ModelColumn("number", 1),) * 4 + (ModelColumn("boolean", 1),) * 2 + (ModelColumn("category", 3),),
)
GRAPH = Domain((9,), 0.0, 1.0, linked=True)
GRAPHS = Domain(
    (22,),
    0.0,
    1.0,
    (ModelColumn("number", 4), ModelColumn("category", 2, 4), ModelColumn("boolean", 10)),
    slots=(4, 3),
)
DOMAINS = {"images": IMAGES, "table": TABLE, "sequences": SEQUENCES, "nodes": GRAPH, "graphs": GRAPHS}
Names = tuple[str, ...]


def pairwise(tables: list[list[str]]) -> Iterable[Names]:
    """Combinations in which every two names of two tables meet at least once."""
    left = {
        ((i, a), (j, b))
        for (i, first), (j, second) in itertools.combinations(enumerate(tables), 2)
        for a in first
        for b in second
    }
    everything = list(itertools.product(*tables))

    def new(names: Names) -> int:
        return len(left.intersection(itertools.combinations(enumerate(names), 2)))

    while left:
        best = max(everything, key=new)
        left.difference_update(itertools.combinations(enumerate(best), 2))
        yield best


SOME = list(pairwise(TABLES))
REST = [names for names in itertools.product(*TABLES) if names not in SOME]
EVERY = [*SOME, *(pytest.param(names, marks=pytest.mark.slow) for names in REST)]


def spec_of(names: Names) -> dict[str, Any]:
    corruption, network, bottleneck, loss, penalty = names
    ends: dict[str, str] = {}
    if penalty == "sparse-kl" and "activation" in options(BOTTLENECKS[bottleneck]):
        ends = {"activation": "sigmoid"}  # it is for activations between 0 and 1
    return {
        "corruption": {"name": corruption},
        "encoder": {"name": network},
        "bottleneck": {"name": bottleneck, "latent_dim": 3, **ends},
        "decoder": {"name": network},
        "loss": {"name": loss},
        "penalties": [{"name": penalty}] if penalty in PENALTIES else [],
    }


def fits(names: Names, domain: Domain) -> bool:
    """Whether the parts go with data of `domain`; if not, `build` says so."""
    try:
        build(spec_of(names), domain)
    except InputError:
        return False
    return True


EDGES = np.array([[i, (i + step) % 32] for step in (1, 5) for i in range(32 - step)])
CONTEXT = {
    "propagation": propagation(EDGES, 32, torch.float32),
    "positive": torch.as_tensor(EDGES),
    "negative": (torch.as_tensor(EDGES) + torch.tensor([0, 2])) % 32,
}
"""Of a graph of 32 nodes."""


def made(names: Names, domain: Domain) -> tuple[Objective, Batch]:
    torch.manual_seed(0)
    size = math.prod(domain.shape)
    across = torch.linspace(0, 1, size)
    x = (0.5 + 0.5 * torch.sin(6 * across + 6.28 * torch.rand(32, 1))).clamp(0, 1)
    if domain is IMAGES:
        x = (255 * x).round() / 255
    if domain is TABLE:
        x[:, 4:] = torch.cat([(x[:, 4:6] > 0.5).float(), one_hot(x[:, 6:].argmax(1), 3).float()], dim=1)
    if domain is GRAPHS:
        x[:, 4:] = (x[:, 4:] > 0.5).float()
        x[:, 8:12] = 1 - x[:, 4:8]
    batch = Batch(x.unflatten(1, domain.shape), context=CONTEXT if domain.linked else {})
    return build(spec_of(names), domain), batch


PLAINEST: Names = ("none", "linear", "plain", "squared", "no penalty")
"""Parts that go with any data; a graph is learned by its edges."""


@cache
def kinds_of(i: int, name: str) -> frozenset[str]:
    """The names of `DOMAINS` that the part `name` of the i-th table goes with."""

    def names_for(domain: Domain) -> Names:
        loss = "edges" if domain.linked else "squared"
        plain = (*PLAINEST[:3], loss, *PLAINEST[4:])
        return (*plain[:i], name, *plain[i + 1 :])

    return frozenset(kind for kind, domain in DOMAINS.items() if fits(names_for(domain), domain))


def is_refused(names: Names) -> bool:
    """Whether two of the parts contradict each other.

    Some are for one kind of data only; the sparsity of bits is for codes between 0 and 1; the derivative of a
    code is for codes that depend on one example.
    """
    _, network, bottleneck, _, penalty = names
    if penalty == "contractive" and NETWORKS[network].linked:
        return True
    bits = BOTTLENECKS[bottleneck].unit_interval or "activation" in options(BOTTLENECKS[bottleneck])
    if penalty == "sparse-kl" and not bits:
        return True
    apart = [kinds_of(i, name) for i, name in enumerate(names) if name != "sparse-kl"]
    return not frozenset.intersection(*apart)


@pytest.mark.parametrize("names", EVERY, ids=lambda names: "-".join(names))
def test_a_composition_keeps_the_contract(names: Names) -> None:
    """On the first kind of data that its parts go with; parts that contradict each other are refused."""
    found = [domain for domain in DOMAINS.values() if fits(names, domain)]
    assert (found == []) == is_refused(names)
    for domain in found[:1]:
        objective, batch = made(names, domain)
        every_parameter_learns(objective, batch)
        training_goes_downward(objective, batch)
        evaluation_is_deterministic(objective, batch)
        if not domain.linked:
            rows_do_not_leak(objective, batch)
        weights_travel(names, domain, objective, batch)


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        (
            "images",
            {
                "discretised-logistic",
                "block",
                "conv",
                "unet",
                "blind-spot",
                "grey",
                "downsample",
                "watermark",
            },
        ),
        ("table", {"columns"}),
        ("graphs", {"gin"}),
        ("sequences", {"gru", "tcn"}),
        ("nodes", {"gcn", "sgc", "edges"}),
    ],
)
def test_parts_for_one_kind_of_data_are_known(kind: str, parts: set[str]) -> None:
    assert {n for i, table in enumerate(TABLES) for n in table if kinds_of(i, n) == {kind}} == parts


def test_parts_that_contradict_each_other_are_few() -> None:
    """So that most compositions are trained above; parts for graphs, or tables, go with each other only."""
    alone: list[set[str]] = [{"nodes"}, {"graphs"}, {"table"}]
    others = [[n for n in table if kinds_of(i, n) not in alone] for i, table in enumerate(TABLES)]
    assert sum(map(is_refused, itertools.product(*others))) < 0.35 * math.prod(map(len, others))


def every_parameter_learns(objective: Objective, batch: Batch) -> None:
    objective(batch).total.backward()
    still = [n for n, p in objective.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert still == []


def training_goes_downward(objective: Objective, batch: Batch) -> None:
    """The total falls under the same noise within 600 steps; most compositions need 60."""
    before = mean_total(objective, batch)
    optimizer = torch.optim.Adam(objective.parameters(), 3e-3)

    def train(steps: int) -> None:
        objective.train()
        for _ in range(steps):
            optimizer.zero_grad()
            objective(batch).total.backward()
            optimizer.step()

    for _ in range(10):
        train(60)
        after = mean_total(objective, batch)
        if after < before:
            return
    assert after < before


@torch.no_grad()
def mean_total(objective: Objective, batch: Batch) -> float:
    """The mean over 20 draws of corruption and codes, the same at each call; nothing is learned on the way."""
    objective = copy.deepcopy(objective).train()
    totals = []
    for seed in range(20):
        torch.manual_seed(seed)
        totals.append(objective(batch).total)
    return float(torch.stack(totals).mean())


def evaluation_is_deterministic(objective: Objective, batch: Batch) -> None:
    objective.eval()
    assert torch.equal(objective.model.encode(batch), objective.model.encode(batch))
    assert torch.equal(outputs(objective, batch), outputs(objective, batch))
    if not objective.model.loss.of_edges:
        assert objective.model.reconstruct(batch).shape == batch.x.shape


def outputs(objective: Objective, batch: Batch) -> torch.Tensor:
    """What the decoder makes of a batch, without sampling."""
    y: torch.Tensor = objective.model(Seen.clean(batch), batch.context).y
    return y


def rows_do_not_leak(objective: Objective, batch: Batch) -> None:
    """The costs of a row have no gradient with respect to another row's input."""
    objective.train()
    x = batch.x.clone().requires_grad_()
    for name, cost in objective(Batch(x)).parts.items():
        if cost.value.dim() == 0:
            continue  # a statistic of the whole batch
        first = cost.value.reshape(-1, len(x))[:, 0].sum()
        (gradient,) = torch.autograd.grad(first, x, retain_graph=True, allow_unused=True)
        # The slope of a linear encoder is the same everywhere, so a penalty on it has no gradient.
        gradient = torch.zeros_like(x) if gradient is None else gradient
        assert name != "reconstruction" or gradient[0].abs().sum() > 0
        assert gradient[1:].abs().sum() == 0, name


def weights_travel(names: Names, domain: Domain, objective: Objective, batch: Batch) -> None:
    objective.eval()
    spec = json.loads(json.dumps(spec_of(names)))
    again = build(spec, domain).eval()
    again.load_state_dict(
        load(save({name: value.contiguous() for name, value in objective.state_dict().items()}))
    )
    assert torch.equal(outputs(again, batch), outputs(objective, batch))
    codes = objective.model.encode(batch)
    refusals = {"a code alone gives no data": objective.model.bypassed}
    refusals["nothing to decode"] = objective.model.loss.of_edges
    if any(refusals.values()):
        with pytest.raises(InputError, match=max(refusals, key=refusals.__getitem__)):
            again.model.decode(codes)
    else:
        assert torch.equal(again.model.decode(codes), objective.model.decode(codes))


def test_missing_cells_are_neither_seen_nor_counted() -> None:
    for names, domain in itertools.product(SOME, DOMAINS.values()):
        if not fits(names, domain):
            continue
        objective, batch = made(names, domain)
        if domain.linked:
            continue  # features of nodes may not be missing
        x = batch.x
        objective.eval()
        objective.corruption = CORRUPTIONS["none"](domain)
        mask = torch.rand_like(x) > 0.3
        torch.manual_seed(1)
        first = objective(Batch(x, mask)).total
        torch.manual_seed(1)
        second = objective(Batch(torch.where(mask, x, 0.123), mask)).total
        assert torch.equal(first, second), names


def test_pairwise_covers_every_pair() -> None:
    for (i, first), (j, second) in itertools.combinations(enumerate(TABLES), 2):
        met = {(names[i], names[j]) for names in SOME}
        assert met == set(itertools.product(first, second))
