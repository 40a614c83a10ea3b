from __future__ import annotations

from typing import Any

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain
from narrows.model.build import build
from narrows.model.corruptions.blind import REPLACEMENTS, BlindSpot, lengthened, neighbours, spread_spots

DOMAIN = Domain((2, 30, 27))
X = torch.rand(6, 2, 30, 27, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("share", [0.25, 0.1, 0.03])
def test_every_pixel_counts_with_the_same_probability_and_one_of_a_square_at_most(share: float) -> None:
    torch.manual_seed(0)
    spots = spread_spots(torch.empty(20_000, 1, 7, 8), share).float()
    assert (spots.mean(dim=0) - share).abs().max() < 5 * (share / 20_000) ** 0.5
    side = int(share**-0.5)
    many = spread_spots(torch.empty(50, 1, 10 * side, 10 * side), share).float()
    squares = torch.nn.functional.avg_pool2d(many, side) * side**2
    assert squares.max() == 1
    assert abs(squares.mean() - share * side**2) < 0.03


def test_only_hidden_pixels_count_in_all_channels_and_the_target_is_the_example() -> None:
    seen = BlindSpot(DOMAIN, share=0.1)(Batch(X))
    assert seen.counted is not None
    assert torch.equal(seen.counted[:, :1].expand_as(X), seen.counted)
    assert torch.equal(seen.x != X, seen.counted)
    assert torch.equal(seen.target, X)
    assert abs(seen.counted.float().mean() - 0.1) < 0.02


@pytest.mark.parametrize("options", [{}, {"window": 5}, {"rows": 2, "window": 5}, {"columns": 1}])
@pytest.mark.parametrize("replacement", REPLACEMENTS)
def test_no_value_of_a_hidden_pixel_is_seen_anywhere(replacement: str, options: dict[str, Any]) -> None:
    corruption = BlindSpot(DOMAIN, share=0.2, replacement=replacement, **options)  # type: ignore[arg-type]
    torch.manual_seed(1)
    first = corruption(Batch(X))
    assert first.counted is not None
    torch.manual_seed(1)
    other = corruption(Batch(torch.where(first.counted, X + 100.0, X)))
    torch.testing.assert_close(first.x, other.x)
    assert first.x.max() <= 1


@pytest.mark.parametrize("replacement", REPLACEMENTS)
def test_what_is_replaced_comes_from_the_neighbours_without_the_centre(replacement: str) -> None:
    generator = torch.Generator().manual_seed(3)
    values = torch.rand(4, 1, 8, 5, 6, generator=generator)
    weights = (torch.rand(4, 1, 8, 5, 6, generator=generator) < 0.6).float()
    weights[:, :, 0] = 1
    made = REPLACEMENTS[replacement](values, weights)
    for n, row, column in ((0, 0, 0), (1, 4, 5), (3, 2, 3)):
        among = values[n, 0, :, row, column][weights[n, 0, :, row, column] > 0]
        found = made[n, 0, row, column]
        if replacement == "random":
            assert found in among
        else:
            expected = among.mean() if replacement == "mean" else among.double().quantile(0.5).float()
            torch.testing.assert_close(found, expected)


def test_neighbours_are_those_around_without_the_centre() -> None:
    x = torch.arange(20.0).reshape(1, 1, 4, 5)
    around = neighbours(x, 3)
    assert around[0, 0, :, 1, 2].tolist() == [1, 2, 3, 6, 8, 11, 12, 13]
    assert around[0, 0, :, 0, 0].tolist() == [0, 0, 0, 0, 1, 0, 5, 6]


def test_a_random_neighbour_is_drawn_uniformly_and_alike_in_all_channels() -> None:
    torch.manual_seed(0)
    values = torch.arange(8.0)[:, None, None].expand(1, 2, 8, 100, 100)
    drawn = REPLACEMENTS["random"](values, torch.ones_like(values))
    assert torch.equal(drawn[:, 0], drawn[:, 1])
    assert (torch.bincount(drawn[:, 0].long().flatten(), minlength=8) / 10_000 - 1 / 8).abs().max() < 0.02


def test_where_no_neighbour_is_visible_the_mean_of_the_visible_pixels_stands() -> None:
    visible = torch.zeros(1, 1, 9, 9, dtype=torch.bool)
    visible[..., 8, 6:] = True
    x = torch.rand(1, 1, 9, 9)
    made = BlindSpot(Domain((1, 9, 9))).replaced(x, visible)
    torch.testing.assert_close(made[0, 0, 0, 0], x[..., 8, 6:].mean())


def test_neighbours_with_noise_alike_are_hidden_and_do_not_count() -> None:
    spots = torch.zeros(1, 1, 9, 9, dtype=torch.bool)
    spots[..., 4, 1] = True
    rows, columns = (lengthened(spots, *reach)[0, 0] for reach in ((2, 0), (0, 3)))
    assert rows.nonzero().tolist() == [[4, 0], [4, 1], [4, 2], [4, 3]]
    assert columns.nonzero().tolist() == [[row, 1] for row in range(1, 8)]
    seen = BlindSpot(DOMAIN, share=0.05, rows=1)(Batch(X))
    assert seen.counted is not None
    hidden = (seen.x != X)[:, :1]
    assert torch.equal(hidden, lengthened(seen.counted[:, :1], 1, 0))


@pytest.mark.parametrize("options", [{"rows": 1}, {"rows": 3}, {"columns": 8}, {"rows": 2, "columns": 2}])
def test_a_quarter_of_the_pixels_is_hidden_at_the_most(options: dict[str, Any]) -> None:
    torch.manual_seed(0)
    x = torch.rand(8, 1, 300, 300)
    seen = BlindSpot(Domain((1, 300, 300)), share=0.1, **options)(Batch(x))
    assert seen.counted is not None
    expected = min(0.1, 0.25 / (1 + 2 * sum(options.values())))
    assert seen.counted.float().mean() == pytest.approx(expected, rel=0.05)
    # Lines of hidden pixels overlap here and there, and reach beyond the edge.
    assert 0.2 < (seen.x != x).float().mean() < 0.255


def test_of_whole_lines_few_are_hidden() -> None:
    torch.manual_seed(0)
    x = torch.rand(64, 1, 32, 32)
    seen = BlindSpot(Domain((1, 32, 32)), rows=64)(Batch(x))
    lines = (seen.x != x).all(dim=3)
    assert torch.equal(lines, (seen.x != x).any(dim=3))
    assert 0 < lines.float().mean() < 0.25


def test_missing_values_do_not_count_and_replace_nothing() -> None:
    observed = torch.rand(X.shape, generator=torch.Generator().manual_seed(2)) < 0.7
    corruption = BlindSpot(DOMAIN, share=0.2)
    torch.manual_seed(0)
    seen = corruption(Batch(torch.where(observed, X, 0.0), observed))
    assert seen.counted is not None
    assert not (seen.counted & ~observed).any()
    assert not seen.x[~observed].any()
    torch.manual_seed(0)
    other = corruption(Batch(torch.where(observed, X, 50.0), observed))
    torch.testing.assert_close(seen.x, other.x)


SPEC = {
    "corruption": {"name": "blind-spot", "share": 0.2},
    "encoder": {"name": "unet", "widths": [8], "blocks": 1},
    "bottleneck": {"name": "plain", "project": "none", "latent_dim": None},
    "loss": {"name": "squared"},
}


def test_the_loss_has_no_gradient_where_a_pixel_does_not_count() -> None:
    torch.manual_seed(0)
    _, trace = build(SPEC, DOMAIN).traced(Batch(X))
    assert trace.mask is not None
    trace.y.retain_grad()
    (trace.y[0] - trace.x).where(trace.mask, 0.0).square().sum().backward()
    expected = trace.y.grad
    torch.manual_seed(0)
    objective = build(SPEC, DOMAIN)
    costs, trace = objective.traced(Batch(X))
    trace.y.retain_grad()
    costs.parts["reconstruction"].value.sum().backward()
    assert trace.y.grad is not None
    assert trace.mask is not None
    assert not trace.y.grad[0][~trace.mask].any()
    assert trace.y.grad[0][trace.mask].all()
    torch.testing.assert_close(trace.y.grad, expected)


def test_white_noise_cannot_be_returned() -> None:
    torch.manual_seed(0)
    x, other = torch.randn(2, 16, 1, 32, 32)
    objective = build(SPEC, Domain((1, 32, 32)))
    optimizer = torch.optim.Adam(objective.parameters(), 0.01)
    for _ in range(40):
        optimizer.zero_grad()
        objective(Batch(x)).total.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    with torch.no_grad():
        _, trace = objective.eval().traced(Batch(other))
    assert trace.mask is not None
    made, hidden = trace.y[0][trace.mask], other[trace.mask]
    assert torch.corrcoef(torch.stack([made, hidden]))[0, 1].abs() < 0.06
    assert ((made - hidden) ** 2).mean() > 0.97 * (hidden**2).mean()


def test_a_window_has_a_centre_and_the_data_are_images() -> None:
    with pytest.raises(InputError, match="'window' is 4, but must be odd"):
        BlindSpot(DOMAIN, window=4)
    with pytest.raises(InputError, match="'blind-spot' is for images"):
        BlindSpot(Domain((5,)))
