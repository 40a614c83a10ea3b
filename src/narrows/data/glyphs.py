"""Images of printed characters, distorted at random: data like MNIST that need no download.

A character is drawn from a font of matplotlib, turned, sheared, stretched, bent by a smooth random
displacement (Simard, Steinkraus & Platt 2003, Best practices for convolutional neural networks), and
thickened or thinned. Like the digits of MNIST it is then scaled to a box of 20×20 pixels, and centred by
its mass in 28×28.

A shape is kept as the signed distance to its outline, positive inside, in units of its longer side.
"""

from __future__ import annotations

from functools import cache
from math import pi, sqrt
from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch
from matplotlib.ft2font import FT2Font
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate

from narrows.core.errors import InputError

Floats = NDArray[np.float32]

DIGITS = "0123456789"

DIGIT_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

SIZE, BOX = 28, 20
"""The side of an image, and of the box that the character is scaled to, in pixels."""

FIELD = 64
"""The points along a side of a distance field."""

TICKS: Floats = ((np.arange(FIELD) + 0.5) * 2 / FIELD - 1).astype(np.float32)
"""The places of these points along an axis: a field reaches from −1 to 1, a character from −½ to ½."""

TURN, SHEAR, STRETCH = 0.08, 0.1, 0.15
"""Standard deviations of the angle (radians), of the shear, and of the logarithm of width over height."""

BEND, BEND_WIDTH, BEND_POINTS = 0.075, 0.27, 32
"""Standard deviation and correlation width of the displacement, and the points that it is drawn at."""

STROKE = (0.02, 0.08)
"""The least and the greatest half width of a character's thickest stroke, drawn uniformly."""

MOST_THINNED = 0.01
"""A stroke loses at most this much on each side, so that thin parts of a character remain."""

AT_ONCE = 500
"""The images that are computed together, so that the arrays stay small."""


def draw(n: int, characters: str = DIGITS, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Images `(n, 28, 28)` of `characters`, and the place `(n,)` of each image's character among them.

    The images are independent, with character and font drawn uniformly. The same arguments give the same
    images on one machine; another version of matplotlib may have other fonts.

    Raises:
        InputError: when `characters` has others than digits and Latin letters, or none.
    """
    fields, rng = distance_fields(characters), np.random.default_rng(seed)
    labels = rng.integers(len(characters), size=n)
    shapes = fields[rng.integers(len(fields), size=n), labels]
    parts = [draw_batch(shapes[i : i + AT_ONCE], rng) for i in range(0, n, AT_ONCE)]
    return np.concatenate(parts), labels


def draw_batch(shapes: Floats, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Images `(n, 28, 28)` of the characters with the distance fields `shapes (n, points, points)`."""
    n, original = len(shapes), torch.from_numpy(shapes)
    fields = sample(original, lattice(affine_maps(n, rng), FIELD) + displacements(n, rng))
    wanted = torch.from_numpy(rng.uniform(*STROKE, n).astype(np.float32))
    gained = (wanted - original.amax((1, 2))).clamp(min=-MOST_THINNED)
    fields = fields + gained[:, None, None]
    centre, longer = extents(fields)
    pixel = longer / BOX
    window = torch.cat((torch.eye(2) * (pixel * SIZE / 2)[:, None, None], centre[..., None]), dim=2)
    ink = (0.5 + sample(fields, lattice(window, SIZE)) / pixel[:, None, None]).clamp(0, 1)
    return (255 * ink).round().to(torch.uint8).numpy()


def lattice(maps: Tensor, points: int) -> Tensor:
    """Where `maps (n, 2, 3)` put the points of a grid over the square from −1 to 1, as (x, y)."""
    return affine_grid(maps, [len(maps), 1, points, points], align_corners=False)


def sample(fields: Tensor, places: Tensor) -> Tensor:
    """Values `(n, …)` of `fields (n, points, points)` at `places (n, …, 2)`; outside, those of the edge."""
    return grid_sample(fields[:, None], places, padding_mode="border", align_corners=False)[:, 0]


def affine_maps(n: int, rng: np.random.Generator) -> Tensor:
    """Random maps `(n, 2, 3)` from places in the image to places in the undistorted character."""
    angle, shear, stretch = rng.standard_normal((3, n)) * np.array([[TURN], [SHEAR], [STRETCH]])
    cos, sin, zero, one = np.cos(angle), np.sin(angle), np.zeros(n), np.ones(n)
    turned = np.array([[cos, -sin, zero], [sin, cos, zero]])
    sheared = np.array([[one, shear], [zero, one]])
    stretched = np.array([[np.exp(stretch / 2), zero], [zero, np.exp(-stretch / 2)]])
    maps = np.einsum("ijn,jkn,kln->nil", stretched, sheared, turned)
    return torch.from_numpy(maps.astype(np.float32))


def displacements(n: int, rng: np.random.Generator) -> Tensor:
    """Smooth random displacements `(n, points, points, 2)`."""
    noise = rng.standard_normal((n, 2, BEND_POINTS, BEND_POINTS), dtype=np.float32)
    width = BEND_WIDTH * BEND_POINTS / 2
    smooth = gaussian_filter(noise, width, axes=(2, 3), mode="wrap") * (BEND * 2 * sqrt(pi) * width)
    fine = interpolate(torch.from_numpy(smooth), (FIELD, FIELD), mode="bilinear", align_corners=False)
    return fine.permute(0, 2, 3, 1)


def extents(fields: Tensor) -> tuple[Tensor, Tensor]:
    """The centre of mass `(n, 2)` and the longer side `(n,)` of each character."""
    ink = (0.5 + fields / (2 / FIELD)).clamp(0, 1)
    marginals = torch.stack((ink.sum(1), ink.sum(2)), dim=1)
    centre = (marginals * torch.from_numpy(TICKS)).sum(2) / marginals.sum(2)
    width, height = (ink.amax(axis).sum(1) * (2 / FIELD) for axis in (1, 2))
    return centre, torch.maximum(width, height)


@cache
def distance_fields(characters: str) -> Floats:
    """The shapes `(fonts, characters, points, points)` of `characters` in every font that has them."""
    fonts = [font for font in text_fonts() if all(has(font, character) for character in characters)]
    if not fonts or not characters:
        raise InputError(f"No font of matplotlib has all of {characters!r}; use digits and Latin letters.")
    return np.array([[distance_field(font, character) for character in characters] for font in fonts])


def text_fonts() -> list[FT2Font]:
    """The fonts that come with matplotlib, in the order of their names."""
    return [FT2Font(str(file)) for file in sorted(Path(mpl.get_data_path(), "fonts", "ttf").glob("*.ttf"))]


def has(font: FT2Font, character: str) -> bool:
    """Whether the font's glyph for `character` has Adobe's name of it; fonts of symbols have other glyphs."""
    wanted = DIGIT_NAMES[int(character)] if character in DIGITS else character
    index = font.get_char_index(ord(character))
    return index > 0 and font.get_glyph_name(index) == wanted


def distance_field(font: FT2Font, character: str) -> Floats:
    """The signed distances `(points, points)` of one character, centred, with a longer side of 1."""
    font.set_size(100, 72)
    font.set_text(character)
    font.draw_glyphs_to_bitmap(antialiased=True)
    inside = font.get_image() > 127
    rows, columns = (np.flatnonzero(inside.any(axis)) for axis in (1, 0))
    inside = inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    longer = max(inside.shape)
    inside = np.pad(inside, longer // 2 + 1)
    to_centres = distance_transform_edt(inside) - distance_transform_edt(~inside)
    distances = (to_centres - 0.5 * np.sign(to_centres)) / longer
    y, x = (TICKS * longer + (side - 1) / 2 for side in inside.shape)
    return map_coordinates(distances, np.meshgrid(y, x, indexing="ij"), order=1, mode="nearest").astype("f4")
