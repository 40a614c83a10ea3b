from __future__ import annotations

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain
from narrows.model.build import Model, build
from narrows.model.networks.unet import UnetDecoder, UnetEncoder

NETWORKS = [((5,), 1, 2), ((4, 6, 8), 1, 2), ((4, 4), 2, 1), ((4, 4), 1, 3)]


def unet(shape: tuple[int, ...], widths: tuple[int, ...], blocks: int, fold: int) -> Model:
    torch.manual_seed(0)
    spec = {
        "encoder": {"name": "unet", "widths": list(widths), "blocks": blocks, "fold": fold},
        "bottleneck": {"name": "plain", "project": "none", "latent_dim": None},
        "output": {"name": "residual"},
        "loss": {"name": "squared"},
    }
    return build(spec, Domain(shape)).model.eval()


@pytest.mark.parametrize(("widths", "blocks", "fold"), NETWORKS)
def test_no_value_depends_on_a_pixel_further_away_than_computed(
    widths: tuple[int, ...], blocks: int, fold: int
) -> None:
    """Measured by gradients from every phase of the stride; of weights above 0, so that no way is cut off."""
    model = unet((1, 32, 32), widths, blocks, fold)
    for parameter in model.parameters():
        parameter.data.abs_()
    found = model.field
    assert found is not None
    side = 2 * found.radius + 3 * found.stride
    x = torch.rand(1, 1, side, side, requires_grad=True)
    y = model.reconstruct(Batch(x))
    start = side // 2 // found.stride * found.stride
    measured = 0
    for pixel in range(start, start + found.stride):
        (gradient,) = torch.autograd.grad(y[0, 0, pixel, start], x, retain_graph=True)
        rows = gradient[0, 0].abs().sum(1).nonzero().flatten()
        measured = max(measured, pixel - int(rows[0]), int(rows[-1]) - pixel)
    assert measured == found.radius


def test_a_u_net_gives_every_size_back() -> None:
    model = unet((3, 16, 16), (4, 4, 4), 1, 2)
    for size in ((1, 1), (7, 5), (16, 16), (33, 18)):
        x = torch.rand(2, 3, *size)
        assert model.reconstruct(Batch(x)).shape == x.shape


def test_a_network_for_large_images_is_made_without_what_it_does_not_need() -> None:
    """A dense layer between two maps of 2048 × 2048, though thrown away, would not fit into any memory."""
    decoder = UnetDecoder((2, 2048, 2048), (1, 4096, 4096), widths=(2,), blocks=1)
    assert sum(p.numel() for p in decoder.parameters()) < 1000


@pytest.mark.parametrize("widths", [(), (8, 0), (-1,)])
def test_a_level_has_at_least_one_channel(widths: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="'widths'"):
        UnetEncoder((1, 16, 16), widths=widths)
