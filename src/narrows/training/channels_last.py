"""Convolutions of images whose channels are side by side in memory, forward and backward.

With channels first torch's transposed convolutions take several times as long, and the gradient of their bias
takes longer than both others. An activation whose gradient comes in another order is thirty times as slow. A
`ChannelsLast` computes all convolutions in one order, of images and of gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.grad import conv2d_weight
from torch.overrides import TorchFunctionMode

from narrows.training.convolutions import Geometry, Pair, to_large


class ChannelsLast(TorchFunctionMode):
    """While it is entered, torch computes convolutions of images with channels last, and their gradients.

    Operations that arrange the values of an image in a row get it with channels first.
    """

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        # Transformed functions of torch.func compute with tensors that have more axes than they show.
        known = {} if torch._C._are_functorch_transforms_active() else FORMS
        return known.get(function, function)(*args, **(kwargs or {}))


class Convolution(torch.autograd.Function):
    """From large to small images; all with channels last."""

    @staticmethod
    def forward(ctx: Any, large: Tensor, kernel: Tensor, bias: Tensor | None, geometry: Geometry) -> Tensor:
        ctx.save_for_backward(large, kernel)
        ctx.geometry = geometry
        return functional.conv2d(large, kernel, bias, *geometry)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (large, kernel), small = ctx.saved_tensors, channels_last(gradients[0])
        of_images, *of_weights, _ = ctx.needs_input_grad
        geometry, sizes = ctx.geometry, [len(kernel)]
        rest = geometry.rest(small, kernel, large)
        # Faster by a tenth than all three together.
        _, of_kernel, of_bias = torch.ops.aten.convolution_backward(
            small, large, kernel, sizes, *geometry, False, (0, 0), 1, (False, *of_weights)
        )
        of_large = to_large(small, kernel, None, geometry, rest) if of_images else None
        return of_large, of_kernel, of_bias, None


class TransposedConvolution(torch.autograd.Function):
    """From small to large images."""

    @staticmethod
    def forward(
        ctx: Any, small: Tensor, kernel: Tensor, bias: Tensor | None, geometry: Geometry, rest: Pair
    ) -> Tensor:
        ctx.save_for_backward(small, kernel)
        ctx.geometry = geometry
        return to_large(small, kernel, bias, geometry, rest)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (small, kernel), large = ctx.saved_tensors, channels_last(gradients[0])
        of_images, of_kernel, of_bias, *_ = ctx.needs_input_grad
        geometry, shape = ctx.geometry, kernel.shape
        return (
            functional.conv2d(large, kernel, None, *geometry) if of_images else None,
            conv2d_weight(large, shape, small, *geometry) if of_kernel else None,  # type: ignore[no-untyped-call]
            large.sum((0, 2, 3)) if of_bias else None,
            *(None, None),
        )


class ChannelsFirst(torch.autograd.Function):
    """The same images with channels first; the gradient gets channels last again."""

    @staticmethod
    def forward(ctx: Any, images: Tensor) -> Tensor:
        return images.contiguous()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return channels_last(gradients[0])


def conv2d(
    input: Tensor,  # noqa: A002  (torch's name)
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] | str = 0,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> Tensor:
    """As torch's; convolutions in groups, or whose padding is a word, are torch's."""
    if groups > 1 or isinstance(padding, str) or input.dim() != 4:
        return functional.conv2d(input, weight, bias, stride, padding, dilation, groups)
    geometry = Geometry(pair(stride), pair(padding), pair(dilation))
    return Convolution.apply(*prepared(input, weight, bias), geometry)  # type: ignore[no-untyped-call]


def conv_transpose2d(
    input: Tensor,  # noqa: A002
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] = 0,
    output_padding: int | tuple[int, ...] = 0,
    groups: int = 1,
    dilation: int | tuple[int, ...] = 1,
) -> Tensor:
    """As torch's; those in groups, or with an output padding of a whole stride, are torch's."""
    geometry, rest = Geometry(pair(stride), pair(padding), pair(dilation)), pair(output_padding)
    if groups > 1 or input.dim() != 4 or any(r >= s for r, s in zip(rest, geometry.stride, strict=True)):
        return functional.conv_transpose2d(
            input, weight, bias, stride, padding, output_padding, groups, dilation
        )
    return TransposedConvolution.apply(*prepared(input, weight, bias), geometry, rest)  # type: ignore[no-untyped-call]


def prepared(images: Tensor, kernel: Tensor, bias: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
    """The arguments of a convolution with channels last, in the type that it is computed in."""
    kind, dtype = images.device.type, images.dtype
    if dtype != torch.float64 and torch.is_autocast_enabled(kind):
        dtype = torch.get_autocast_dtype(kind)
    kernel = kernel.to(dtype, memory_format=torch.channels_last)
    return channels_last(images, dtype), kernel, None if bias is None else bias.to(dtype)


def channels_last(images: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    """`images` with channels side by side in memory, also where they have but one channel or place."""
    found = images.to(dtype or images.dtype, memory_format=torch.channels_last)
    _, channels, height, width = found.shape
    strides = (height * width * channels, 1, width * channels, channels)
    # Of one channel the order of its places is not settled, and torch would take it for channels first.
    return found if found.stride() == strides else found.as_strided(found.shape, strides)


def pair(value: int | tuple[int, ...]) -> Pair:
    """A setting of both axes."""
    if isinstance(value, int):
        return value, value
    first, *rest = value
    return first, rest[0] if rest else first


def in_a_row(arrange: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The same operation, which gets images with channels first."""

    def arranged(images: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if images.dim() == 4 and not images.is_contiguous():
            images = ChannelsFirst.apply(images)  # type: ignore[no-untyped-call]
        return arrange(images, *args, **kwargs)

    return arranged


ROWS = (torch.flatten, Tensor.flatten, torch.reshape, Tensor.reshape, Tensor.view)

FORMS: dict[Any, Callable[..., Any]] = {
    torch.conv2d: conv2d,
    torch.conv_transpose2d: conv_transpose2d,
    **{each: in_a_row(each) for each in ROWS},
}
"""What is computed instead of a function of torch."""
