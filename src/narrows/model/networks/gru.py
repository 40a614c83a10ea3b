"""Recurrent networks for sequences: an encoder that reads in both directions, a decoder driven by the code.

The decoder sees no value of the sequence, neither in training nor later (no teacher forcing): all that it
makes comes from the code. Beside the units is a linear path from the values to the code, and another one
back, which begin at the principal components.
"""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn

from narrows.core.records import Batch, Context, Features
from narrows.core.registry import within
from narrows.model.networks.base import Decoder, Encoder
from narrows.model.networks.time_axis import Centre, check_time, cosines, inside

PLACES = 8
"""Cosines of the time step that a decoder is given, at the most."""


class Unit(nn.GRUCell):
    """A gated recurrent unit: states `(batch, time, width)` of inputs `(batch, time, inputs)`."""

    def forward(self, x: Tensor, start: Tensor | None = None) -> Tensor:
        """The states that follow `start (batch, width)`, which is 0 if not given."""
        start = x.new_zeros(x.shape[0], self.hidden_size) if start is None else start
        weights = [self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh]
        states: Tensor = torch.gru(x, start[None], weights, True, 1, 0.0, False, False, True)[0]
        return states


class GruEncoder(Encoder):
    """The last states of a gated recurrent unit that reads forwards, and of one that reads backwards.

    Args:
        width: units of each direction.
        linear: whether there is a linear path, too.
    """

    reference = (
        "Cho et al. 2014. Learning phrase representations using RNN encoder-decoder for statistical machine "
        "translation. EMNLP."
    )

    def __init__(self, shape: tuple[int, ...], *, width: int = 64, linear: bool = True) -> None:
        super().__init__()
        check_time("gru", shape)
        within("width", width, 1, 4096)
        self.linear = linear
        self.centre = Centre(shape) if linear else None
        self.forwards, self.backwards = Unit(shape[0], width), Unit(shape[0], width)
        self.out_shape = (2 * width + linear * prod(shape),)

    def forward(self, x: Tensor, context: Context) -> Features:
        steps = x.movedim(1, 2)
        lengths = context.get("lengths")
        read = (self.forwards(steps), self.backwards(backwards(steps, lengths)))
        h = torch.cat([last(states, lengths) for states in read], dim=1)
        if self.centre is None:
            return Features(h, (h,))
        return Features(torch.cat([self.centre(x, inside(x, context)), h], dim=1), (h,))

    def begin(self, batch: Batch) -> Tensor:
        assert self.centre is not None
        return self.centre.begin(batch)


def backwards(x: Tensor, lengths: Tensor | None) -> Tensor:
    """`x (batch, time, channels)` from its end to its start; what is beyond `lengths (batch,)` stays."""
    if lengths is None:
        return x.flip(1)
    steps = torch.arange(x.shape[1], device=x.device)
    index = lengths[:, None] - 1 - steps
    return x.gather(1, torch.where(index < 0, steps, index)[..., None].expand(x.shape))


def last(states: Tensor, lengths: Tensor | None) -> Tensor:
    """The state `(batch, width)` of `states (batch, time, width)` at the last step."""
    if lengths is None:
        return states[:, -1]
    return states.gather(1, (lengths - 1)[:, None, None].expand(-1, 1, states.shape[2]))[:, 0]


class GruDecoder(Decoder):
    """Gated recurrent units in both directions; at every step they are given the code and the place in time.

    The place is given by cosines of the time step. The states begin with a linear function of the code.

    Args:
        width: as for the encoder.
        linear: as for the encoder.
    """

    places: Tensor

    def __init__(
        self, code_shape: tuple[int, ...], shape: tuple[int, ...], *, width: int = 64, linear: bool = True
    ) -> None:
        super().__init__()
        check_time("gru", shape)
        within("width", width, 1, 4096)
        self.register_buffer("places", cosines(min(PLACES, shape[1]), shape[1]).T, persistent=False)
        size = prod(code_shape)
        self.start = nn.Linear(size, 2 * width)
        inputs = size + self.places.shape[1]
        self.forwards, self.backwards = Unit(inputs, width), Unit(inputs, width)
        self.out = nn.Linear(2 * width, shape[0])
        self.shape = shape
        self.linear = nn.Linear(size, prod(shape)) if linear else None

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        z = z.flatten(1)
        n, steps = z.shape[0], len(self.places)
        given = torch.cat(
            [z[:, None].expand(-1, steps, -1), self.places.to(z.dtype).expand(n, -1, -1)], dim=2
        )
        first, final = self.start(z).tanh().chunk(2, dim=1)
        states = [self.forwards(given, first), self.backwards(given.flip(1), final).flip(1)]
        y: Tensor = self.out(torch.cat(states, dim=2)).movedim(2, 1)
        return y if self.linear is None else y + self.linear(z).unflatten(1, self.shape)

    def begin(self, weight: Tensor, bias: Tensor) -> None:
        if self.linear is None:
            return
        self.linear.weight.copy_(weight)
        self.linear.bias.copy_(bias)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)
