"""Weights of a model for a page, in 16 bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from narrows.data.schema import Array

MOST = 6e4
"""The largest absolute value that is rounded; larger ones exceed 16 bits."""

FEWEST = 1000
"""Arrays of fewer values stay as they are."""

LEFT_OUT = 4
"""Of the 11 binary digits that 16 bits hold, so many are 0."""


def rounded(content: bytes) -> bytes:
    """An ONNX model whose large arrays of weights are stored in 16 bits; it computes in 32 bits as before.

    A weight keeps 7 binary digits, so that it changes by at most 0.8 %, and the others compress.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load_from_string(content)
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < FEWEST or np.abs(values).max() > MOST:
            continue
        name, stored = tensor.name, f"{tensor.name}.half"
        tensor.CopyFrom(numpy_helper.from_array(shortened(values), stored))
        casts.append(helper.make_node("Cast", [stored], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return bytes(model.SerializeToString())


def shortened(values: Array) -> NDArray[np.float16]:
    """`values` in 16 bits, rounded to 7 binary digits.

    >>> shortened(np.array([1 + 2**-6, 1 + 2**-7 + 2**-8, 3.1416])).tolist()
    [1.015625, 1.015625, 3.15625]
    """
    bits = np.asarray(values, dtype=np.float16).view(np.uint16)
    step = np.uint16(1 << LEFT_OUT)
    return ((bits + step // 2) & ~(step - np.uint16(1))).view(np.float16)
