from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.records import Domain
from narrows.model.build import build
from narrows.training.batches import Rows
from narrows.training.channels_last import ChannelsLast, channels_last

SIDES = [(1, 4, 9, 7), (3, 2, 8, 11), (5, 6, 7, 7), (4, 1, 6, 9)]
"""Channels of input and output, height and width."""


def tensors(*shapes: tuple[int, ...]) -> list[Tensor]:
    torch.manual_seed(0)
    return [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]


def check(compute: Callable[..., Tensor], *inputs: Tensor) -> None:
    """Values and gradients with channels last are torch's."""
    wanted = compute(*inputs)
    gradient = torch.randn_like(wanted)
    with ChannelsLast():
        found = compute(*inputs)
    torch.testing.assert_close(found, wanted)
    torch.testing.assert_close(
        torch.autograd.grad(found, inputs, gradient), torch.autograd.grad(wanted, inputs, gradient)
    )


@pytest.mark.parametrize(("a", "b", "height", "width"), SIDES)
def test_convolutions_and_their_gradients_are_torchs(a: int, b: int, height: int, width: int) -> None:
    for k, s, p, d in product((1, 3, 4), (1, 2, 3), (0, 1), (1, 2)):
        if min(height, width) + 2 * p > d * (k - 1):
            inputs = tensors((3, a, height, width), (b, a, k, k), (b,))
            check(lambda x, w, bias, s=s, p=p, d=d: functional.conv2d(x, w, bias, s, p, d), *inputs)


@pytest.mark.parametrize(("a", "b", "height", "width"), SIDES)
def test_transposed_convolutions_and_their_gradients_are_torchs(
    a: int, b: int, height: int, width: int
) -> None:
    for k, s, p, d, o in product((1, 3, 4), (1, 2, 3), (0, 1), (1, 2), (0, 1)):
        if o < max(s, d):
            inputs = tensors((3, a, height, width), (a, b, k, k), (b,))
            check(
                lambda x, w, bias, s=s, p=p, d=d, o=o: functional.conv_transpose2d(x, w, bias, s, p, o, 1, d),
                *inputs,
            )


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 0), bias=False),
        nn.Conv2d(4, 6, 3, padding="same"),
        nn.Conv2d(4, 6, 3, padding=1, padding_mode="reflect"),
        nn.Conv2d(4, 6, 3, groups=2),
        nn.ConvTranspose2d(4, 6, (3, 2), stride=(2, 1), output_padding=(1, 0), bias=False),
        nn.ConvTranspose2d(4, 6, 3, groups=2),
    ],
)
def test_layers_of_all_options_compute_the_same(layer: nn.Module) -> None:
    layer.double()
    x = torch.randn(2, 4, 5, 6, dtype=torch.float64)
    check(lambda x, *weights: layer(x), x.requires_grad_(), *layer.parameters())


def test_an_image_alone_and_named_arguments() -> None:
    x, w = tensors((2, 5, 5), (3, 2, 3, 3))
    check(functional.conv2d, x, w)
    check(
        lambda x, w: functional.conv2d(input=x, weight=w, stride=[2], padding=[1, 0]),
        x[None].detach().requires_grad_(),
        w,
    )


def test_second_gradients_are_torchs() -> None:
    x, w, v = tensors((2, 1, 6, 6), (4, 1, 3, 3), (4, 1, 3, 3))

    def slopes(x: Tensor, w: Tensor, v: Tensor) -> Tensor:
        y = functional.conv_transpose2d(torch.tanh(functional.conv2d(x, w, None, 2, 1)), v, None, 2, 1, 1)
        (slope,) = torch.autograd.grad(y.square().sum(), x, create_graph=True)
        return slope

    check(slopes, x, w, v)


def test_gradients_of_a_batch_of_vectors_are_torchs() -> None:
    x, w, v = tensors((2, 4, 6, 6), (4, 4, 3, 3), (4, 1, 3, 3))

    def jacobian(x: Tensor, w: Tensor, v: Tensor) -> Tensor:
        def layers(x: Tensor) -> Tensor:
            h = torch.tanh(functional.conv2d(x, w, None, 2, 1))
            return functional.conv_transpose2d(h, v, None, 2, 1, 1).flatten(1)

        y, pull_back, *_ = torch.func.vjp(layers, x)
        (rows,) = torch.vmap(pull_back)(torch.eye(5, y.shape[1], dtype=y.dtype)[:, None].expand(5, *y.shape))
        return rows

    check(jacobian, x, w, v)


def orders(images: Tensor) -> tuple[bool, bool]:
    return images.is_contiguous(), images.is_contiguous(memory_format=torch.channels_last)


def test_activations_and_their_gradients_have_channels_last() -> None:
    seen: list[tuple[bool, bool]] = []
    first, second = nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)
    with ChannelsLast():
        h = first(torch.rand(2, 1, 6, 6))
        h.register_hook(lambda gradient: seen.append(orders(gradient)))
        k = torch.relu(second(torch.relu(h)))
        k.register_hook(lambda gradient: seen.append(orders(gradient)))
        y = k.flatten(1)
    y.square().sum().backward()
    assert orders(h) == orders(k) == (False, True)
    assert seen == [(False, True), (False, True)]


@pytest.mark.parametrize(
    "arrange",
    [
        lambda h: torch.flatten(h, 1),
        lambda h: h.flatten(1),
        lambda h: h.reshape(len(h), -1),
        lambda h: torch.reshape(h, (len(h), -1)),
        lambda h: h.view(len(h), -1),
    ],
)
def test_values_in_a_row_are_in_the_same_order(arrange: Any) -> None:
    h = torch.randn(2, 3, 4, 5)
    last = h.to(memory_format=torch.channels_last).requires_grad_()
    with ChannelsLast():
        row = arrange(last)
    assert torch.equal(row, h.flatten(1))
    row.backward(row.detach())
    assert last.grad is not None
    assert torch.equal(last.grad, h)


def test_autocast_is_followed() -> None:
    x, w = torch.randn(2, 3, 8, 8), torch.randn(4, 3, 3, 3, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16), ChannelsLast():
        y = functional.conv2d(x, w)
        exact = functional.conv2d(x.double(), w.double())
    assert (y.dtype, exact.dtype) == (torch.bfloat16, torch.float64)
    y.sum().backward()
    assert w.grad is not None
    assert w.grad.dtype == torch.float32
    assert (y - exact).norm() < 0.01 * exact.norm()


def test_one_channel_has_a_settled_order() -> None:
    assert channels_last(torch.rand(2, 1, 4, 5)).stride() == (20, 1, 5, 1)
    assert channels_last(torch.rand(2, 3, 1, 1)).stride() == (3, 1, 3, 3)


@pytest.mark.parametrize("network", ["conv", "unet"])
def test_a_penalty_on_the_jacobian_is_computed(network: str) -> None:
    spec = {
        "encoder": {"name": network},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "loss": {"name": "squared"},
        "penalties": [{"name": "contractive", "weight": 1.0}],
    }
    torch.manual_seed(0)
    objective = build(spec, Domain((1, 8, 8)))
    batch = next(Rows(torch.rand(4, 1, 8, 8).numpy(), nn.Identity()).batches(4))
    found = []
    for mode in (torch.enable_grad(), ChannelsLast()):
        objective.zero_grad()
        torch.manual_seed(1)
        with mode:
            objective(batch).total.backward()
        found.append(torch.cat([p.grad.flatten() for p in objective.parameters() if p.grad is not None]))
    torch.testing.assert_close(found[0], found[1], rtol=1e-3, atol=1e-4)
