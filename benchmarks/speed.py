"""Training speed of the MLP VAE 784-400-20, batch 128: ours, the lecture's loop, pythae's trainer.

    make bench            or    python benchmarks/speed.py [--rows N] [--rounds N] [--out FILE.json]

All have the same network, data, optimizer and batch size, and run one epoch each in turn for several
rounds; medians are compared. Then our loop is compared with a bare loop of fifteen lines with the same
settings. Exits with 1 if their weights are not equal bit for bit. Data: MNIST, or noise of its shape,
which trains at the same speed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import logging
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from narrows.core.errors import InputError
from narrows.data.kinds import describe
from narrows.data.readers import read
from narrows.model.build import Objective, build
from narrows.model.log_variance import bounded
from narrows.training.batches import Rows
from narrows.training.loop import train
from narrows.training.options import Training

BATCH, LATENT, RATE = 128, 20, 1e-3
SPEC = {
    "encoder": {"name": "mlp", "widths": [400], "activation": "relu"},
    "bottleneck": {"name": "gaussian", "latent_dim": LATENT},
    "loss": {"name": "bernoulli"},
}
HOW = Training(
    epochs=1,
    batch_size=BATCH,
    learning_rate=RATE,
    schedule="constant",
    optimizer="adam",
    weight_decay=0.0,
    clip=0.0,
)


def images(rows: int) -> np.ndarray[Any, Any]:
    try:
        return read("mnist").array[:rows]
    except InputError:
        print("MNIST is not on this machine; noise of its shape is used.")
        return np.random.default_rng(0).integers(0, 256, (rows, 28, 28), dtype=np.uint8)


def prepare(values: np.ndarray[Any, Any]) -> tuple[Objective, Rows, Rows]:
    schema = describe(values)
    arranged = schema.arrange(values)
    scaling = schema.choose(arranged).scaling
    torch.manual_seed(0)
    objective = build(SPEC, schema.domain(scaling))
    return objective, Rows(arranged, scaling), Rows(arranged[:BATCH], scaling)


def ours(values: np.ndarray[Any, Any]) -> float:
    objective, rows, validation = prepare(values)
    start = time.perf_counter()
    for _ in train(objective, rows, validation, HOW):
        pass
    return time.perf_counter() - start


class Plain(nn.Module):
    """The network of the lectures."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.mean, self.log_var = (
            nn.Linear(784, 400),
            nn.Linear(400, LATENT),
            nn.Linear(400, LATENT),
        )
        self.back, self.out = nn.Linear(LATENT, 400), nn.Linear(400, 784)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = functional.relu(self.hidden(x.flatten(1)))
        mean, log_var = self.mean(h), self.log_var(h)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_var)
        return torch.sigmoid(self.out(functional.relu(self.back(z)))), mean, log_var


class Images(Dataset[Tensor]):
    """Single images, as in the lectures: torchvision's MNIST gives a Pillow image, and ToTensor converts it
    when it is requested.
    """

    def __init__(self, values: np.ndarray[Any, Any]) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, i: int) -> Tensor:
        picture = Image.fromarray(self.values[i])
        pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True)).view(28, 28, 1)
        return pixels.permute(2, 0, 1).contiguous().float().div(255)


def lecture(values: np.ndarray[Any, Any]) -> float:
    model = Plain()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    loader = DataLoader(Images(values), batch_size=BATCH, shuffle=True)
    start = time.perf_counter()
    for x in loader:
        y, mean, log_var = model(x)
        error = functional.binary_cross_entropy(y, x.flatten(1), reduction="sum")
        loss = error - 0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return time.perf_counter() - start


def pythae(values: np.ndarray[Any, Any]) -> float:
    from pythae.data.datasets import BaseDataset
    from pythae.models import VAE, VAEConfig
    from pythae.trainers import BaseTrainer, BaseTrainerConfig

    logging.disable(logging.CRITICAL)
    data = torch.tensor(values[:, None]).float() / 255
    config = VAEConfig(input_dim=(1, 28, 28), latent_dim=LATENT, reconstruction_loss="bce")
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        settings = BaseTrainerConfig(
            output_dir=folder,
            num_epochs=1,
            learning_rate=RATE,
            per_device_train_batch_size=BATCH,
            no_cuda=True,
        )
        model = VAE(config, *pythae_networks())
        trainer = BaseTrainer(model, BaseDataset(data, torch.zeros(len(data))), training_config=settings)
        start = time.perf_counter()
        trainer.train()
        return time.perf_counter() - start


def pythae_networks() -> tuple[Any, Any]:
    """The encoder and the decoder as pythae takes them."""
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder

    class Encoder(BaseEncoder):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.hidden = nn.Linear(784, 400)
            self.embedding, self.log_var = nn.Linear(400, LATENT), nn.Linear(400, LATENT)

        def forward(self, x: Tensor) -> Any:
            h = functional.relu(self.hidden(x.flatten(1)))
            return ModelOutput(embedding=self.embedding(h), log_covariance=self.log_var(h))

    class Decoder(BaseDecoder):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.back, self.out = nn.Linear(LATENT, 400), nn.Linear(400, 784)

        def forward(self, z: Tensor) -> Any:
            y = torch.sigmoid(self.out(functional.relu(self.back(z))))
            return ModelOutput(reconstruction=y.reshape(-1, 1, 28, 28))

    return Encoder(), Decoder()


def bare(objective: Objective, values: Tensor) -> None:
    """Train one epoch in a minimal loop with the settings of `HOW`.

    The operations are in the order of ours, so that gradients are summed in the same order.
    """
    model = objective.model
    hidden, project = model.encoder.layers[0], model.bottleneck.project
    back, out = model.decoder.layers[0], model.decoder.out
    optimizer = torch.optim.Adam(objective.parameters(), lr=RATE, fused=True)
    for index in torch.randperm(len(values)).split(BATCH):
        x = values[index].float() / 255
        mean, raw = project(hidden(x.flatten(1))).chunk(2, dim=1)
        log_var = bounded(raw)
        kl = (0.5 * (mean**2 + log_var.exp() - 1 - log_var)).sum(1)
        z = mean + torch.exp(log_var / 2) * torch.randn_like(mean)
        y = out(back(z)).reshape(x.shape)
        error = (functional.softplus(y) - x * y).flatten(1).sum(1)
        optimizer.zero_grad()
        (error + kl).mean().backward()
        optimizer.step()


def compare_with_bare_loop(values: np.ndarray[Any, Any], rounds: int) -> dict[str, Any]:
    """Seconds of our loop and of the bare one, and whether their weights are equal."""
    seconds: dict[str, list[float]] = {"ours": [], "bare": []}
    equal = True
    for _ in range(rounds):
        first, rows, validation = prepare(values)
        torch.manual_seed(1)
        start = time.perf_counter()
        for _epoch in train(first, rows, validation, HOW):
            pass
        seconds["ours"].append(time.perf_counter() - start)
        second = prepare(values)[0]
        torch.manual_seed(1)
        start = time.perf_counter()
        bare(second, rows.values)
        seconds["bare"].append(time.perf_counter() - start)
        pairs = zip(first.parameters(), second.parameters(), strict=True)
        equal = equal and all(torch.equal(a, b) for a, b in pairs)
    ratios = [a / b for a, b in zip(seconds["ours"], seconds["bare"], strict=True)]
    return {"equal_weights": equal, "seconds_ratio": statistics.median(ratios)}


def contestants() -> dict[str, Callable[[np.ndarray[Any, Any]], float]]:
    """By name, functions that train one epoch and return its seconds."""
    functions: dict[str, Callable[[np.ndarray[Any, Any]], float]] = {
        "narrows": ours,
        "lecture's loop": lecture,
    }
    try:
        import pythae as _  # noqa: F401
    except ImportError:
        print("pythae is not installed: pip install 'narrows[bench]'.")
        return functions
    return {**functions, "pythae": pythae}


def measure(values: np.ndarray[Any, Any], rounds: int) -> dict[str, list[float]]:
    """The samples per second of each contestant in each round."""
    functions = contestants()
    for run in functions.values():
        run(values[: 20 * BATCH])  # the first steps of a process are slow for all
    rates: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, run in functions.items():
            rates[name].append(len(values) / run(values))
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    values = images(given.rows)
    rates = measure(values, given.rounds)
    medians = {name: statistics.median(each) for name, each in rates.items()}
    lead = medians["narrows"] / max(rate for name, rate in medians.items() if name != "narrows")
    bare_loop = compare_with_bare_loop(values, given.rounds)
    print(
        f"\nMLP VAE 784-400-20, batch {BATCH}, {len(values):,} rows, "
        f"{torch.get_num_threads()} threads, torch {torch.__version__}"
    )
    for name, rate in medians.items():
        span = f"{min(rates[name]):,.0f} to {max(rates[name]):,.0f}"
        print(f"{name:<16}{rate:>9,.0f} samples/s   {span:>18}   {rate / medians['narrows']:.2f} x narrows")
    equal, ratio = bare_loop["equal_weights"], bare_loop["seconds_ratio"]
    print(f"narrows is {lead:.2f} x as fast as the faster of the others")
    print(f"bare loop: weights equal {equal}, time of ours {ratio:.3f} x")
    if given.out:
        record = {"machine": platform.processor(), "rates": rates, "medians": medians, "lead": lead}
        given.out.write_text(json.dumps({**record, "bare_loop": bare_loop}, indent=1), "utf-8")
    raise SystemExit(not equal)


if __name__ == "__main__":
    main()
