"""The likelihood of a row: a product over columns, each given those before it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli, Categorical

from narrows.core.errors import InputError
from narrows.core.records import Domain, Grid, ModelColumn
from narrows.model.distributions import Alphabet
from narrows.model.losses.columns import Columns

KINDS = (("number", 1), ("number", 1), ("boolean", 1), ("category", 3))
WORDS = Domain((6,), columns=tuple(ModelColumn(*each) for each in KINDS))


def made(domain: Domain = WORDS, **options: int) -> Columns:
    torch.manual_seed(0)
    loss = Columns(domain, **options).double().eval().requires_grad_(requires_grad=False)
    for weight in loss.parameters():
        nn.init.normal_(weight, std=0.5)
    return loss


def rows(n: int = 5) -> tuple[Tensor, Tensor]:
    """The decoder's outputs, and cells."""
    torch.manual_seed(1)
    y, x = torch.randn(1, n, 6).double(), torch.randn(n, 6).double()
    x[:, 2] = (x[:, 2] > 0).double()
    x[:, 3:] = torch.eye(3).double()[torch.arange(n) % 3]
    return y, x


@pytest.mark.parametrize("hidden", [8, 16])
def test_a_column_depends_on_those_before_it_alone(hidden: int) -> None:
    loss, (y, x) = made(hidden=hidden), rows()
    owner = np.array([0, 1, 2, 3, 3, 3])
    runs = loss.runs(y, x.requires_grad_())
    numbers = [part for _, _, parts, _ in runs for part in parts.unbind(dim=-2)]
    for j, part in enumerate(numbers):
        (grad,) = torch.autograd.grad(part.square().sum(), x, retain_graph=True, allow_unused=True)
        seen = np.zeros(6) if grad is None else grad.abs().sum(dim=0).numpy()
        assert (seen[owner >= j] == 0).all()
        assert (seen[owner < j] > 0).all()


def test_the_density_of_a_number_is_one_in_all() -> None:
    loss, (y, x) = made(), rows(1)
    at = torch.linspace(-200, 200, 200_001).double()
    many = x.repeat(len(at), 1)
    many[:, 1] = at
    density = (-loss.each(y.expand(1, len(at), 6), many)[0, :, 1]).exp()
    assert torch.trapezoid(density, at).item() == pytest.approx(1, abs=1e-3)


def test_words_and_booleans_are_those_of_torch() -> None:
    loss, (y, x) = made(), rows()
    *_, (_, _, boolean, shift), (_, _, words, moved) = loss.runs(y, x)
    cost = loss.each(y, x)
    assert torch.allclose(cost[0, :, 2], -Bernoulli(logits=(boolean + shift)[0, :, 0, 0]).log_prob(x[:, 2]))
    said = Categorical(logits=(words + moved)[0, :, 0]).log_prob(x[:, 3:].argmax(dim=1))
    assert torch.allclose(cost[0, :, 3:].sum(dim=1), -said)


def test_frequencies_are_the_integrals_of_the_density() -> None:
    loss, (y, x) = made(), rows(1)
    edges = np.array([-2.0, -0.3, 0.1, 0.9, 4.0])
    found = loss.distribution(y[0], x, torch.tensor([1]), Alphabet(6, lambda v: edges[v - 1]))
    whole = np.array([found.below(np.array([v]))[0] for v in range(7)])
    at = torch.linspace(-60, 60, 600_001).double()
    many = x.repeat(len(at), 1)
    many[:, 1] = at
    density = (-loss.each(y.expand(1, len(at), 6), many)[0, :, 1]).exp()
    below = torch.cumulative_trapezoid(density, at).numpy()
    wanted = [below[np.searchsorted(at.numpy(), edge) - 1] for edge in edges]
    assert whole[1:-1] / whole[-1] == pytest.approx(wanted, abs=2e-3)


@pytest.mark.parametrize(("place", "levels"), [(2, 2), (3, 3)])
def test_frequencies_of_words_follow_the_model(place: int, levels: int) -> None:
    loss, (y, x) = made(), rows()
    places = torch.arange(place, place + (1 if levels == 2 else 3))
    found = loss.distribution(y[0], x, places, Alphabet(levels, lambda v: np.zeros(len(v))))
    ends = np.stack([found.below(np.full(5, v)) for v in range(levels + 1)])
    *_, (_, _, boolean, shift), (_, _, words, moved) = loss.runs(y, x)
    p = (torch.sigmoid(boolean + shift) if levels == 2 else torch.softmax(words + moved, -1))[0, :, 0]
    wanted = torch.cat([1 - p, p], dim=1) if levels == 2 else p
    assert np.diff(ends, axis=0).T / ends[-1][:, None] == pytest.approx(wanted.detach().numpy(), abs=2e-3)


def test_rows_without_cells_have_the_distribution_of_the_code() -> None:
    loss, (y, x) = made(), rows()
    unseen = torch.full_like(x, torch.nan)
    for (_, _, a, s), (_, _, b, t) in zip(loss.runs(y, None), loss.runs(y, unseen), strict=True):
        assert torch.equal(a, b)
        assert torch.equal(s, t)
    assert loss.mean(y).shape == y.shape
    assert torch.allclose(loss.mean(y)[..., 3:].sum(dim=-1), torch.ones(1, 5).double())
    assert loss.shown(x) is x
    assert loss.train().shown(x.repeat(100, 1)).isnan().any()


def test_columns_that_are_alike_and_follow_each_other_are_computed_together() -> None:
    natures = (
        ("category", 3),
        ("number", 1),
        ("number", 1),
        ("category", 3),
        ("category", 3),
        ("category", 2),
    )
    loss = Columns(Domain((13,), columns=tuple(ModelColumn(*each) for each in natures)), components=2)
    found = [(run.nature, run.columns, run.values.start, run.outputs.start) for run in loss.alike]
    assert found == [
        ("category", 1, 0, 0),
        ("number", 2, 3, 3),
        ("category", 2, 5, 15),
        ("category", 1, 11, 21),
    ]
    assert loss.alike[-1].values.stop == 13
    assert loss.alike[-1].outputs.stop == sum(loss.widths)


def test_tables_of_zeros_and_ones_are_booleans() -> None:
    loss = Columns(Domain((4,), grid=Grid(0.0, 1.0, 2)))
    assert {column.nature for column in loss.columns} == {"boolean"}
    assert {column.nature for column in Columns(Domain((4,))).columns} == {"number"}


def test_other_data_than_tables_are_refused() -> None:
    with pytest.raises(InputError, match="for tables"):
        Columns(Domain((1, 4, 4)))


@pytest.mark.parametrize("hidden", [2, 16])
def test_columns_one_after_the_other_are_those_of_whole_rows(hidden: int) -> None:
    """As a reader fills in the cells, units are computed again only where a column needs them."""
    domain = Domain((9,), columns=(ModelColumn("number", 1),) * 9)
    loss = made(domain, hidden=hidden)
    y, x = torch.randn(5, 9).double(), torch.randn(5, 9).double()
    alphabet, ends = Alphabet(4, lambda v: v - 2.0), np.arange(5).repeat(5).reshape(5, 5)
    filled, some = torch.zeros_like(x), np.array([True, False, True, True, False])
    whole, partly = loss.given(y, x), loss.given(y, filled)
    counted, features = [], loss.features
    loss.features = lambda *args: (counted.append(1), features(*args))[1]  # type: ignore[method-assign]
    for j in range(9):
        place = torch.tensor([j])
        found = partly.distribution(place, alphabet, slice(None))
        part = partly.distribution(place, alphabet, some)
        wanted = whole.distribution(place, alphabet, slice(None))
        for values in ends:
            assert np.array_equal(found.below(values), wanted.below(values))
            assert np.array_equal(part.below(values[some]), wanted.below(values)[some])
        filled[:, j] = x[:, j]
    assert len(counted) == 2 * min(9, hidden)
