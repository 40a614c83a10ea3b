"""Weights of a model for a page, in 16 bits."""

from __future__ import annotations

import numpy as np

MOST = 6e4
"""The largest absolute value that is rounded; larger ones exceed 16 bits."""

FEWEST = 1000
"""Arrays of fewer values stay as they are."""


def rounded(content: bytes) -> bytes:
    """An ONNX model whose large arrays of weights are stored in 16 bits; it computes in 32 bits as before.

    A weight keeps 11 binary digits, so that it changes by at most 0.05 %.
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
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), stored))
        casts.append(helper.make_node("Cast", [stored], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return bytes(model.SerializeToString())
