"""Noise taken away: no seam anywhere, every type as it came, and figures that are scikit-image's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from narrows import Denoiser
from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain
from narrows.data.readers import Reading, as_data, cut_array
from narrows.data.schema import Array, Data
from narrows.data.windows import cut
from narrows.fitting.fit import fit
from narrows.model.build import Model, build
from narrows.model.networks import Field
from narrows.model.networks.unet import UnetDecoder
from narrows.report import render
from narrows.report.composition import hourglass
from narrows.runs.run import Run, inference
from narrows.tasks.export import export_onnx
from narrows.tasks.generation.sample import sample
from narrows.tasks.restoration.denoise import denoise, residual, tiled
from narrows.tasks.restoration.filters import FILTERS, filtered
from narrows.tasks.restoration.image_quality import psnr, ssim
from narrows.training.batches import Crops, turned
from tests.commands import as_json, narrows
from tests.training.test_checkpoint import Stopped, run_in

SMALL: dict[str, Any] = {"encoder": {"widths": [8, 8], "blocks": 1}, "training": {"epochs": 3}}
NETWORKS = [((5,), 1, 2), ((4, 6, 8), 1, 2), ((4, 4), 2, 1), ((4, 4), 1, 3)]


def shapes(height: int, width: int, n: int = 1, channels: int = 1) -> Array:
    """Pictures of smooth waves with edges, between 0 and 1, `(n, height, width[, channels])`."""
    rng = np.random.default_rng(n * height)
    rows, columns = np.mgrid[:height, :width] / 24
    images = []
    for _ in range(n * channels):
        a, b, c = rng.uniform(-3, 3, 3)
        images.append(0.5 + 0.3 * np.sin(a * rows + b * columns) + 0.2 * np.sign(np.sin(c * rows - a)))
    stack = np.stack(images).reshape(n, channels, height, width).clip(0, 1)
    return stack[:, 0] if channels == 1 else np.moveaxis(stack, 1, -1)


def unet(shape: tuple[int, ...], widths: tuple[int, ...], blocks: int, fold: int) -> Model:
    torch.manual_seed(0)
    spec = {
        "encoder": {"name": "unet", "widths": list(widths), "blocks": blocks, "fold": fold},
        "bottleneck": {"name": "plain", "project": "none", "latent_dim": None},
        "output": {"name": "residual"},
        "loss": {"name": "squared"},
    }
    return build(spec, Domain(shape)).model.eval()


@pytest.fixture(scope="module")
def run() -> Run:
    """A short fit of a small U-Net to patches of 8-bit images."""
    return fit(patches(np.uint8), recipe="denoising", overrides=SMALL)


def patches(dtype: Any, channels: int = 1) -> Data:
    images = shapes(70, 64, 24, channels)
    images = images if np.dtype(dtype).kind == "f" else images * np.iinfo(dtype).max
    return cut_array(images.astype(dtype), "waves", Reading(patch=32))


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
    side = 2 * found.reach + 3 * found.stride
    x = torch.rand(1, 1, side, side, requires_grad=True)
    y = model.reconstruct(x)
    start = side // 2 // found.stride * found.stride
    measured = 0
    for pixel in range(start, start + found.stride):
        (gradient,) = torch.autograd.grad(y[0, 0, pixel, start], x, retain_graph=True)
        rows = gradient[0, 0].abs().sum(1).nonzero().flatten()
        measured = max(measured, pixel - int(rows[0]), int(rows[-1]) - pixel)
    assert measured == found.reach


@pytest.mark.parametrize("size", [(97, 131), (64, 64), (40, 201), (33, 32), (7, 5)])
@pytest.mark.parametrize(("widths", "blocks", "fold"), NETWORKS)
def test_tiles_leave_no_seam(widths: tuple[int, ...], blocks: int, fold: int, size: tuple[int, int]) -> None:
    model = unet((2, 32, 32), widths, blocks, fold)
    image = np.random.default_rng(0).random((2, *size), dtype=np.float32)

    def use(tile: Array) -> Array:
        with torch.inference_mode():
            return model.reconstruct(torch.from_numpy(np.ascontiguousarray(tile))[None])[0].numpy()

    assert model.field is not None
    whole = use(image)
    assert np.abs(tiled(image, model.field, use, core=24) - whole).max() < 1e-5
    if min(size) > 64:
        short = tiled(image, Field(model.field.stride, model.field.reach // 2), use, core=24)
        assert np.abs(short - whole).max() > 1e-6


def test_tiles_see_no_more_than_they_need() -> None:
    """The memory that a large image takes is that of a tile with its surroundings."""
    seen = []

    def use(tile: Array) -> Array:
        seen.append(tile.shape)
        return tile

    image = np.arange(300 * 500.0).reshape(1, 300, 500)
    assert (tiled(image, Field(4, 9), use, core=50) == image).all()
    assert max(max(shape) for shape in seen) == 52 + 2 * 12


def test_a_u_net_gives_every_size_back() -> None:
    model = unet((3, 16, 16), (4, 4, 4), 1, 2)
    for size in ((1, 1), (7, 5), (16, 16), (33, 18)):
        x = torch.rand(2, 3, *size)
        assert model.reconstruct(x).shape == x.shape


def test_a_residual_output_is_what_was_seen_and_a_correction() -> None:
    model = unet((1, 16, 16), (4,), 1, 2)
    for parameter in model.decoder.parameters():
        parameter.data.zero_()
    x = torch.rand(3, 1, 16, 16)
    assert torch.equal(model.reconstruct(x), x)
    noisy = x + 1
    assert torch.equal(model(Batch(x), noisy).y[0], noisy)


@pytest.mark.parametrize("loss", ["bernoulli", "poisson"])
def test_a_residual_output_wants_a_loss_that_reads_it_as_values(loss: str) -> None:
    spec = {
        "encoder": {"name": "mlp"},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "output": {"name": "residual"},
        "loss": {"name": loss},
    }
    with pytest.raises(InputError, match=r"output\.name=direct"):
        build(spec, Domain((4,)))


def test_noise_of_many_strengths() -> None:
    from narrows.model.corruptions import Gaussian

    x = torch.zeros(2000, 1, 20, 20)
    spread = Gaussian(Domain((1, 20, 20)), std=0.5, std_low=0.1)(x).flatten(1).std(1)
    assert 0.09 < spread.min() < 0.13
    assert 0.45 < spread.max() < 0.56
    assert abs(spread.mean() - 0.3) < 0.01
    with pytest.raises(InputError, match=r"'std_low' is 0\.6"):
        Gaussian(Domain((1, 20, 20)), std=0.5, std_low=0.6)


def test_psnr_and_ssim_are_those_of_scikit_image() -> None:
    metrics = pytest.importorskip("skimage.metrics")
    rng = np.random.default_rng(0)
    for shape in ((40, 61), (33, 32, 3)):
        wanted = rng.random(shape)
        found = wanted + 0.1 * rng.standard_normal(shape)
        assert psnr(found, wanted, 1.0) == pytest.approx(
            metrics.peak_signal_noise_ratio(wanted, found, data_range=1.0)
        )
        theirs = metrics.structural_similarity(
            wanted,
            found,
            data_range=1.0,
            gaussian_weights=True,
            use_sample_covariance=False,
            channel_axis=2 if len(shape) == 3 else None,
        )
        assert ssim(found, wanted, 1.0) == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_takes_noise_away(name: str, channels: int) -> None:
    pytest.importorskip("skimage")
    wanted = np.moveaxis(shapes(80, 60, 1, channels).reshape(80, 60, channels), -1, 0)
    seen = wanted + 0.1 * np.random.default_rng(0).standard_normal(wanted.shape)
    assert psnr(filtered(FILTERS[name], seen, wanted), wanted, 1.0) > psnr(seen, wanted, 1.0) + 3


def test_the_residual_of_white_noise_is_white_and_that_of_a_blur_is_not() -> None:
    rng = np.random.default_rng(0)
    x = rng.random((1, 90, 80))
    white = residual(x + 0.1 * rng.standard_normal(x.shape) + 0.01, x)
    assert white["mean"] == pytest.approx(0.01, abs=0.005)
    assert white["whiteness"] > 0.95
    smooth = shapes(90, 80)
    assert residual(x + smooth, x)["whiteness"] < 0.2
    assert residual(x, x) == {"mean": 0.0, "whiteness": 1.0}


def test_a_short_training_takes_noise_away() -> None:
    """Blind to how loud it is, from patches, on an image of another size than any it has seen."""
    how = {"encoder": {"widths": [16], "blocks": 2}, "training": {"epochs": 30, "learning_rate": 3e-3}}
    found = fit(patches(np.float32), recipe="denoising", overrides=how)
    wanted = shapes(101, 77, 1)[0].astype(np.float32)
    for std, gain in ((0.05, 2), (0.15, 5)):
        noisy = wanted + (std * np.random.default_rng(1).standard_normal(wanted.shape)).astype(np.float32)
        assert psnr(denoise(found, noisy), wanted, 1.0) > psnr(noisy, wanted, 1.0) + gain


def test_the_verdict_of_a_denoiser_is_about_what_it_restores(run: Run) -> None:
    seen = run.corrupted(patches(np.uint8).array[:50])
    clean = run.scaled(patches(np.uint8).array[:50])
    assert np.array_equal(seen, run.corrupted(patches(np.uint8).array[:50]))
    assert 0.005 < ((seen - clean) ** 2).mean() < 0.03
    assert run.metrics["held_out"]["pca_mse"] < ((seen - clean) ** 2).mean()
    assert run.metrics["held_out"]["surrogate_ratio"] is None
    assert "codes" not in run.evidence
    assert run.evidence["best_seen"].dtype == np.uint8


@pytest.mark.parametrize(
    ("dtype", "ending", "channels"),
    [
        (np.uint8, "png", 1),
        (np.uint8, "png", 3),
        (np.uint16, "png", 1),
        (np.uint16, "tif", 1),
        (np.float32, "tif", 1),
    ],
)
def test_every_type_comes_back_as_it_came(
    dtype: Any, ending: str, channels: int, capsys: pytest.CaptureFixture[str]
) -> None:
    fitted = fit(patches(dtype, channels), recipe="denoising", overrides=SMALL)
    fitted.save(Path("run"))
    Path("noisy").mkdir()
    for i, size in enumerate(((65, 43), (30, 90))):
        image = shapes(*size, 1, channels)[0]
        image = image if np.dtype(dtype).kind == "f" else image * np.iinfo(dtype).max
        Image.fromarray(image.astype(dtype)).save(f"noisy/{i}.{ending}")
    found = as_json(capsys, "denoise", "run", "noisy", "-o", "clean")
    assert found["n"] == 2
    assert set(found["residual"]) == {"mean", "whiteness"}
    for file in Path("noisy").iterdir():
        with Image.open(file) as before, Image.open(Path("clean") / file.name) as after:
            assert (before.size, before.mode) == (after.size, after.mode)
    narrows(capsys, "denoise", "run", f"noisy/0.{ending}", "-o", f"one.{ending}")
    with Image.open(f"one.{ending}") as one, Image.open(f"clean/0.{ending}") as two:
        assert np.array_equal(np.asarray(one), np.asarray(two))


def test_arrays_come_back_as_arrays(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.save(Path("run"))
    stack = (255 * shapes(50, 40, 5)).astype(np.uint8)
    for name, array in (("stack", stack), ("single", stack[0]), ("stack-of-one", stack[:1])):
        np.save(f"{name}.npy", array)
        narrows(capsys, "denoise", "run", f"{name}.npy", "-o", f"{name}-clean.npy")
        found = np.load(f"{name}-clean.npy")
        assert (found.shape, found.dtype) == (array.shape, array.dtype)
        assert np.array_equal(found.reshape(-1, 50, 40)[0], denoise(run, stack[0]))
    narrows(capsys, "denoise", "run", "stack.npy", "-o", "folder")
    assert len(list(Path("folder").iterdir())) == 5


def test_with_a_reference_it_stands_beside_the_filters(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("skimage")
    run.save(Path("run"))
    clean = (255 * shapes(50, 40, 2)).astype(np.uint8)
    noise = 20 * np.random.default_rng(0).standard_normal(clean.shape)
    noisy = np.rint(clean + noise).clip(0, 255).astype(np.uint8)
    np.save("clean.npy", clean)
    np.save("noisy.npy", noisy)
    found = as_json(capsys, "denoise", "run", "noisy.npy", "-o", "out.npy", "--reference", "clean.npy")
    assert set(found["yardsticks"]) == set(FILTERS)
    expected = [psnr(a, b, 255.0) for a, b in zip(np.load("out.npy"), clean, strict=True)]
    assert found["psnr"] == pytest.approx(np.mean(expected), abs=1e-3)
    assert found["noisy_psnr"] == pytest.approx(
        np.mean([psnr(a, b, 255.0) for a, b in zip(noisy, clean, strict=True)])
    )
    assert (
        "this model"
        in narrows(capsys, "denoise", "run", "noisy.npy", "-o", "o.npy", "--reference", "clean.npy")[0]
    )
    perfect = as_json(capsys, "denoise", "run", "out.npy", "-o", "o.npy", "--reference", "out.npy")
    assert perfect["noisy_psnr"] is None


def test_without_scikit_image_its_filters_are_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "skimage", None)
    run.save(Path("run"))
    np.save("clean.npy", (255 * shapes(50, 40, 1)).astype(np.uint8))
    out, err = narrows(capsys, "denoise", "run", "clean.npy", "-o", "o.npy", "--reference", "clean.npy")
    assert "pip install 'narrows[yardsticks]'" in err
    assert "median" in out


def test_what_cannot_be_denoised_is_one_sentence(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.save(Path("run"))
    np.save("deep.npy", (65535 * shapes(50, 40)).astype(np.uint16))
    np.save("colours.npy", (255 * shapes(50, 40, 2, 3)).astype(np.uint8))
    np.save("two.npy", (255 * shapes(50, 40, 2)).astype(np.uint8))
    np.save("other.npy", (255 * shapes(51, 40, 2)).astype(np.uint8))

    def said(*words: str) -> str:
        return narrows(capsys, "denoise", "run", *words, "-o", "o.npy", code=2)[1]

    assert "are of uint16, but the model was fitted to uint8" in said("deep.npy")
    assert "fitted to images of 1 channel" in said("colours.npy")
    assert "deep.npy holds 1 images for the 2 of two.npy" in said("two.npy", "--reference", "deep.npy")
    assert "no reference for one of" in said("two.npy", "--reference", "other.npy")
    assert (
        "cannot be written to 'o.csv'"
        in narrows(capsys, "denoise", "run", "two.npy", "-o", "o.csv", code=2)[1]
    )


def test_a_model_with_skips_says_that_it_decodes_no_codes(run: Run, tmp_path: Path) -> None:
    codes = run.encode(patches(np.uint8).array[:2])
    for use in (
        lambda: run.decode(codes),
        lambda: sample(run, 2),
        lambda: export_onnx(run, tmp_path / "onnx"),
    ):
        with pytest.raises(InputError, match="a code alone gives no data"):
            use()
    assert not (tmp_path / "onnx").exists()


def test_a_dense_run_denoises_images_of_its_size(digits_run: Run) -> None:
    images = np.random.default_rng(0).uniform(0, 16, (3, 8, 8))
    np.testing.assert_allclose(denoise(digits_run, images[1]), digits_run.reconstruct(images)[1], atol=1e-9)
    with pytest.raises(InputError, match="shape 9x8"):
        denoise(digits_run, np.zeros((9, 8)))


def test_crops_move_within_their_part_only() -> None:
    """Of an image of which the left half is learned from, no crop holds a pixel of the right half."""
    image = np.zeros((1, 64, 64), dtype=np.float32)
    image[:, :, 32:] = 1
    image[0, :32, :32] = np.arange(32.0) / 100
    pieces, where = cut(list(image), ["a"], [], 16)
    index = np.flatnonzero(pieces.reshape(len(pieces), -1).max(axis=1) < 1)
    crops = Crops(pieces[index][:, None], where, index, torch.nn.Identity())
    torch.manual_seed(0)
    drawn = torch.cat([batch.x for _ in range(50) for batch in crops.shuffled(3)])
    assert len(drawn) == 50 * len(index)
    assert drawn.max() < 1
    known = {tuple(piece.ravel()) for piece in pieces[index]}
    assert len({tuple(x.flatten().tolist()) for x in drawn}) > 3 * len(known)


def test_crops_are_drawn_from_every_place_of_an_image() -> None:
    image = np.arange(40 * 40.0, dtype=np.float32).reshape(1, 40, 40)
    pieces, where = cut(list(image), ["a"], [], 16)
    crops = Crops(pieces[:, None], where, np.arange(len(pieces)), torch.nn.Identity())
    torch.manual_seed(0)
    corners = {int(x[0, 0, 0]) for _ in range(4000) for batch in crops.shuffled(4) for x in batch.x}
    assert corners == {40 * row + column for row in range(25) for column in range(25)}


def test_turns_keep_pixels_and_masks_together() -> None:
    torch.manual_seed(0)
    x = torch.arange(2 * 6 * 6.0).reshape(2, 1, 6, 6)
    found = [turned(Batch(x, x > 20)) for _ in range(200)]
    assert len({tuple(batch.x.flatten().tolist()) for batch in found}) == 8
    for batch in found:
        assert batch.mask is not None
        assert torch.equal(batch.mask, batch.x > 20)
        assert torch.equal(batch.x.flatten(1).sort(1).values, x.flatten(1))
    oblong = torch.rand(2, 1, 6, 4)
    assert {turned(Batch(oblong)).x.shape for _ in range(50)} == {oblong.shape}


def test_a_deep_network_is_drawn_in_few_strokes() -> None:
    how = {"encoder": {"widths": [4], "blocks": 8}, "training": {"epochs": 1}}
    deep = fit(patches(np.uint8), recipe="denoising", overrides=how)
    assert [stage.label for stage in hourglass(deep)] == ["1×32×32", "4×16×16", "4×16×16", "1×32×32"]
    assert "images of 32×32" in render(deep)


def test_only_images_can_be_turned() -> None:
    with pytest.raises(InputError, match="Only images can be turned"):
        fit(as_data(np.random.default_rng(0).random((50, 3))), overrides={"training": {"turns": True}})


def test_the_recipe_is_dense_for_small_images_and_a_u_net_for_larger_ones() -> None:
    from narrows.data.scaling import choose
    from narrows.fitting.choices import resolve

    def spec(data: Data) -> Any:
        return resolve("denoising", data, choose(data.schema.arrange(data.array), data.schema), None, {})[0]

    small, large = spec(as_data(shapes(28, 28, 9))), spec(as_data(shapes(33, 33, 9)))
    assert (small["encoder"]["name"], small["output"]) == ("mlp", {"name": "direct"})
    assert (large["encoder"]["name"], large["output"]) == ("unet", {"name": "residual"})
    assert spec(patches(np.uint8))["encoder"]["name"] == "unet"
    assert spec(as_data(np.random.default_rng(0).random((50, 3))))["output"] == {"name": "direct"}


def test_the_estimator_takes_images_of_any_size() -> None:
    learned = shapes(70, 64, 24).astype(np.float32)
    found = Denoiser(patch=32, encoder=SMALL["encoder"], training={"epochs": 2}).fit(learned)
    others = shapes(45, 90, 3).astype(np.float32)
    clean = found.transform(others)
    assert (clean.shape, clean.dtype) == (others.shape, others.dtype)
    assert np.array_equal(clean[0], denoise(found.run_, others[0]))
    assert not hasattr(found, "inverse_transform")
    found.save("run")
    assert np.array_equal(Denoiser.load("run").transform(others), clean)


def test_a_u_net_goes_on_where_it_stopped() -> None:
    """Its weights lie in memory with the channels last, in files with the channels first."""
    values = (255 * shapes(40, 36, 40)).astype(np.uint8)
    how: dict[str, Any] = {"recipe": "denoising", "overrides": SMALL}
    run_in(Path("whole"), values, **how)
    with pytest.raises(Stopped):
        run_in(Path("cut"), values, stop=2, **how)
    run_in(Path("cut"), values, **how)
    for name in ("model.safetensors", "evidence.safetensors"):
        assert (Path("whole") / name).read_bytes() == (Path("cut") / name).read_bytes()


def test_inference_is_the_same_in_both_layouts(run: Run) -> None:
    x = torch.rand(2, 1, 40, 36)
    with inference(run.model) as model:
        other = model.reconstruct(x.contiguous(memory_format=torch.channels_last))
        torch.testing.assert_close(model.reconstruct(x), other, atol=1e-6, rtol=0)


def test_a_network_for_large_images_is_made_without_what_it_does_not_need() -> None:
    """A dense layer between two maps of 2048 × 2048, though thrown away, would not fit into any memory."""
    decoder = UnetDecoder((2, 2048, 2048), (1, 4096, 4096), widths=(2,), blocks=1)
    assert sum(p.numel() for p in decoder.parameters()) < 1000
