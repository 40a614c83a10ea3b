from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain
from narrows.model.build import build
from narrows.model.corruptions import CORRUPTIONS, Downsample, Gaussian, Grey, Mask, SaltPepper, Watermark

DOMAIN = Domain((1, 40, 40), -1.0, 2.0)


X = torch.rand(50, 1, 40, 40) - 0.2


def test_gaussian_noise_has_its_spread_and_may_be_clamped() -> None:
    noise = Gaussian(DOMAIN, std=0.3).corrupt(X) - X
    assert abs(noise.mean()) < 0.005
    assert abs(noise.std() - 0.3) < 0.005
    loud = Gaussian(DOMAIN, std=5.0)
    assert loud.corrupt(X).abs().max() > 5
    clamped = Gaussian(DOMAIN, std=5.0, clamp=True).corrupt(X)
    assert clamped.min() == -1
    assert clamped.max() == 2


def test_mask_hides_its_share() -> None:
    masked = Mask(DOMAIN, share=0.3).corrupt(X)
    hidden = masked != X
    assert abs(hidden.float().mean() - 0.3) < 0.01
    assert masked[hidden].abs().max() == 0


def test_salt_and_pepper_are_the_ends_of_the_range() -> None:
    spoiled = SaltPepper(DOMAIN, share=0.4).corrupt(X)
    assert abs((spoiled == 2).float().mean() - 0.2) < 0.01
    assert abs((spoiled == -1).float().mean() - 0.2) < 0.01
    assert torch.equal(spoiled[(spoiled != 2) & (spoiled != -1)], X[(spoiled != 2) & (spoiled != -1)])


def test_denoising_sees_noise_and_is_compared_with_the_clean_target() -> None:
    spec = {
        "corruption": {"name": "gaussian", "std": 0.5},
        "encoder": {"name": "mlp"},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "loss": {"name": "squared"},
    }
    objective = build(spec, DOMAIN)
    for mode in (True, False):
        costs, trace = objective.train(mode).traced(Batch(X))
        assert torch.equal(trace.x, X)
        assert abs((trace.seen - X).std() - 0.5) < 0.01
        expected = (trace.y[0] - X).square().flatten(1).sum(1)
        torch.testing.assert_close(costs.parts["reconstruction"].value[0], expected)


COLOUR = Domain((3, 12, 10))


RGB = torch.rand(6, 3, 12, 10, generator=torch.Generator().manual_seed(0))


def test_grey_is_the_luminance_of_image_files() -> None:
    pixels = (255 * RGB).byte()
    grey = Grey(COLOUR).corrupt(pixels / 255)
    files = [Image.fromarray(x.permute(1, 2, 0).contiguous().numpy()).convert("L") for x in pixels]
    exact = torch.stack([torch.as_tensor(np.array(file)) for file in files])
    assert (255 * grey - exact[:, None]).abs().max() < 1
    assert torch.equal(grey[:, 0], grey[:, 2])
    assert torch.allclose(Grey(COLOUR).corrupt(grey), grey)
    assert torch.allclose(Grey(Domain((2, 12, 10))).corrupt(RGB[:, :2])[:, 0], RGB[:, :2].mean(1))


def test_a_colouring_keeps_the_luminance_exactly() -> None:
    grey = Grey(COLOUR)
    seen, guess = grey.corrupt(RGB), torch.rand_like(RGB)
    coloured = grey.agree(guess, seen)
    torch.testing.assert_close(grey.corrupt(coloured), seen)
    torch.testing.assert_close(grey.agree(RGB, seen), RGB)
    assert not torch.allclose(coloured, seen)


def test_grey_takes_grey_images_of_one_channel_and_of_three() -> None:
    grey = Grey(COLOUR)
    assert torch.equal(grey.present(RGB[:, :1], RGB[:, :1]), RGB[:, :1].expand_as(RGB))
    assert torch.equal(grey.present(RGB, RGB), grey.corrupt(RGB))
    with pytest.raises(InputError, match="one channel"):
        Grey(Domain((1, 12, 10)))


@pytest.mark.parametrize(("size", "factor"), [((24, 20), 2), ((25, 15), 2), ((48, 37), 4)])
def test_small_images_are_what_enlarged_ones_become(size: tuple[int, int], factor: int) -> None:
    down = Downsample(Domain((1, *size)), factor=factor)
    axis = torch.linspace(0, 2, size[0])[:, None] + torch.linspace(0, 1, size[1])
    x = (0.5 + 0.4 * torch.sin(axis)).expand(3, 1, *size)
    small = down.reduced(x)
    assert small.shape[2:] == (-(-size[0] // factor), -(-size[1] // factor))
    assert torch.equal(down.present(small, small), down.corrupt(x))
    assert down.present(small[:, :, 1:, 2:], small).shape[2:] == (
        factor * (small.shape[2] - 1),
        factor * (small.shape[3] - 2),
    )
    inner = slice(2 * factor, -2 * factor)  # at the edge there is less to interpolate from
    assert ((down.corrupt(x) - x)[..., inner, inner]).abs().max() < 0.02
    assert torch.allclose(down.corrupt(torch.full_like(x, 0.3)), torch.tensor(0.3))


def test_an_enlarged_image_comes_to_agree_with_the_small_one() -> None:
    down = Downsample(Domain((1, 24, 24)), factor=2)
    x = torch.rand(4, 1, 24, 24, generator=torch.Generator().manual_seed(1))
    seen, guess = down.corrupt(x), torch.full_like(x, 0.5)
    before = (down.corrupt(guess) - seen).square().mean()
    agreed = down.agree(guess, seen)
    assert (down.corrupt(agreed) - seen).square().mean() < 0.01 * before
    assert torch.allclose(down.agree(x, seen), x, atol=1e-5)


def test_a_rectangle_hides_its_share_in_all_channels() -> None:
    mask = Mask(Domain((3, 40, 32)), share=0.2, form="rectangle")
    x = torch.rand(300, 3, 40, 32) + 0.1
    seen = mask.corrupt(x)
    hidden = seen == 0
    assert (hidden == hidden[:, :1]).all()
    share = hidden.float().mean((1, 2, 3))
    assert (share - 0.2).abs().max() < 0.02
    rows, columns = hidden[:, 0].any(2).sum(1), hidden[:, 0].any(1).sum(1)
    assert torch.equal(rows * columns, hidden[:, 0].sum((1, 2)))
    assert hidden[:, 0].any((0, 1)).all()
    assert hidden[:, 0].any((0, 2)).all()
    assert (rows.float() / columns).min() < 0.7 < 1.5 < (rows.float() / columns).max()
    assert torch.equal(mask.agree(torch.zeros_like(x), seen), seen)
    assert torch.equal(mask.agree(x, seen), x)


def test_a_watermark_is_somewhere_and_lets_the_image_through() -> None:
    domain = Domain((3, 40, 60))
    mark = Watermark(domain, text="Ab", width=0.5, opacity=(0.4, 0.6))
    x = torch.full((200, 3, 40, 60), 0.25)
    marked = mark.corrupt(x)
    changed = marked != x
    alpha = (marked - x) / (1 - x)
    peaks = alpha.amax((1, 2, 3))
    assert ((peaks > 0.3) & (peaks < 0.6001)).all()
    assert peaks.std() > 0.03
    wide = changed[:, 0].any(1)
    assert (wide.sum(1) - 30).abs().max() <= 2
    first = wide.float().argmax(1)
    assert first.min() == 0
    assert first.max() >= 28
    torch.testing.assert_close(alpha[:, 0], alpha[:, 2])


def test_a_watermark_may_be_an_image_by_its_brightness_or_its_alpha(tmp_path: Path) -> None:
    cross = np.zeros((8, 8), np.uint8)
    cross[3:5] = cross[:, 3:5] = 255
    Image.fromarray(cross).save(tmp_path / "grey.png")
    clear = np.dstack([255 - cross, cross, cross, cross])
    Image.fromarray(clear).save(tmp_path / "clear.png")
    x = torch.zeros(1, 1, 8, 8)
    for name in ("grey.png", "clear.png"):
        mark = Watermark(Domain((1, 8, 8)), image=str(tmp_path / name), width=1.0, opacity=(1.0, 1.0))
        torch.testing.assert_close(mark.corrupt(x)[0, 0], torch.as_tensor(cross / 255).float())
    with pytest.raises(InputError, match="does not exist"):
        Watermark(Domain((1, 8, 8)), image=str(tmp_path / "none.png")).corrupt(x)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("grey", {}, "is for images"),
        ("downsample", {}, "is for images"),
        ("watermark", {}, "is for images"),
        ("mask", {"form": "rectangle"}, "is for images"),
        ("watermark", {"opacity": (0.9, 0.1)}, "'opacity'"),
        ("watermark", {"opacity": (0.9,)}, "a minimum and a maximum"),
        ("watermark", {"text": "  "}, "no visible letters"),
    ],
)
def test_what_a_corruption_cannot_do_is_said(name: str, options: dict[str, Any], message: str) -> None:
    domain = Domain((9,)) if "images" in message else Domain((1, 8, 8))
    with pytest.raises(InputError, match=message):
        CORRUPTIONS[name](domain, **options).corrupt(torch.zeros(1, *domain.shape))


def test_what_is_shown_has_the_shape_and_type_of_the_data() -> None:
    for corruption in CORRUPTIONS.values():
        for dtype in (torch.float32, torch.float64):
            x = RGB.to(dtype)
            seen = corruption(COLOUR).corrupt(x)
            assert (seen.shape, seen.dtype) == (x.shape, dtype), corruption
            agreed = corruption(COLOUR).agree(seen, seen)
            assert (agreed.shape, agreed.dtype) == (x.shape, dtype), corruption


def test_noise_of_many_strengths() -> None:
    from narrows.model.corruptions import Gaussian

    x = torch.zeros(2000, 1, 20, 20)
    spread = Gaussian(Domain((1, 20, 20)), std=0.5, std_low=0.1).corrupt(x).flatten(1).std(1)
    assert 0.09 < spread.min() < 0.13
    assert 0.45 < spread.max() < 0.56
    assert abs(spread.mean() - 0.3) < 0.01
    with pytest.raises(InputError, match=r"'std_low' is 0\.6"):
        Gaussian(Domain((1, 20, 20)), std=0.5, std_low=0.6)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_what_was_not_observed_is_hidden_and_does_not_count(name: str) -> None:
    corruption = CORRUPTIONS[name](COLOUR)
    x = torch.rand(4, *COLOUR.shape)
    mask = torch.rand_like(x) < 0.5
    seen = corruption(Batch(x, mask))
    assert not seen.x[~mask].any()
    assert torch.equal(seen.target, x)
    assert seen.counted is mask
    assert corruption(Batch(x)).counted is None


def test_a_noisy_target_is_what_the_encoder_saw() -> None:
    seen = Gaussian(DOMAIN, std=0.3, target="noisy")(Batch(X))
    assert torch.equal(seen.target, seen.x)
    assert not torch.equal(seen.target, X)
