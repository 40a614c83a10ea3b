"""Marks that a watermark is made of: a text or an image."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from narrows.core.errors import InputError
from narrows.data.images.pictures import read_picture


def text_mark(text: str) -> Tensor:
    """`text` as an image `(rows, columns)` without margins, 0 to 1."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(64)
    canvas = Image.new("L", (80 * (len(text) + 1), 160))
    ImageDraw.Draw(canvas).text((20, 40), text, fill=255, font=font)
    box = canvas.getbbox()
    if box is None:
        raise InputError(f"The watermark's text {text!r} has no visible letters.")
    return (
        torch.frombuffer(bytearray(canvas.crop(box).tobytes()), dtype=torch.uint8).reshape(
            box[3] - box[1], box[2] - box[0]
        )
        / 255
    )


def image_mark(file: Path) -> Tensor:
    """The alpha channel of an image, or else its brightness, `(rows, columns)`, 0 to 1."""
    if not file.is_file():
        raise InputError(f"The watermark's image {str(file)!r} does not exist.")
    pixels = torch.as_tensor(read_picture(file).pixels.astype("float32"))
    pixels = pixels / pixels.max().clamp(min=1)
    if pixels.dim() == 2:
        return pixels
    return pixels[..., -1] if pixels.shape[2] in (2, 4) else pixels.mean(dim=2)
