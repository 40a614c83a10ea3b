"""The VAE 784-400-20 and the convolutional VAE P3 in the loops of others, for `speed.py`.

Each function makes a trainer: a function of images `(n, 28, 28)` in bytes that trains one epoch in batches of
128 with Adam and returns its seconds by a clock, without what is done once. A package that is not installed
raises ImportError.
"""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, TensorDataset

BATCH, LATENT, RATE = 128, 20, 1e-3

Images = np.ndarray[Any, Any]
Clock = Callable[[], float]
Trainer = Callable[[Images], float]


class Dense(nn.Module):
    """The network of the lectures."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(784, 400)
        self.mean, self.log_var = nn.Linear(400, LATENT), nn.Linear(400, LATENT)
        self.back, self.out = nn.Linear(LATENT, 400), nn.Linear(400, 784)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = functional.relu(self.hidden(x.flatten(1)))
        mean, log_var = self.mean(h), self.log_var(h)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_var)
        return torch.sigmoid(self.out(functional.relu(self.back(z)))), mean, log_var


class Convolutional(nn.Module):
    """P3 as the lecture has it."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Sequential(
            *(nn.Conv2d(1, 32, 3, 2, 1), nn.ReLU(), nn.Conv2d(32, 64, 3, 2, 1), nn.ReLU()),
            *(nn.Flatten(), nn.Linear(3136, 256)),
        )
        self.mean, self.log_var, self.back = nn.Linear(256, 32), nn.Linear(256, 32), nn.Linear(32, 3136)
        self.up = nn.Sequential(
            *(nn.Unflatten(1, (64, 7, 7)), nn.ConvTranspose2d(64, 32, 3, 2, 1, 1), nn.ReLU()),
            *(nn.ConvTranspose2d(32, 1, 3, 2, 1, 1), nn.Sigmoid()),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = self.down(x)
        mean, log_var = self.mean(h), self.log_var(h)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_var)
        return self.up(self.back(z)).flatten(1), mean, log_var


class Single(Dataset[Tensor]):
    """Single images, as in the lectures: torchvision's MNIST gives a Pillow image, and ToTensor converts it
    when it is requested.
    """

    def __init__(self, values: Images) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, i: int) -> Tensor:
        picture = Image.fromarray(self.values[i])
        pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True)).view(28, 28, 1)
        return pixels.permute(2, 0, 1).contiguous().float().div(255)


def objective(y: Tensor, x: Tensor, mean: Tensor, log_var: Tensor) -> Tensor:
    """The negative ELBO, summed over a batch."""
    error = functional.binary_cross_entropy(y, x.flatten(1), reduction="sum")
    return error - 0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())


def lecture_epoch(model: nn.Module, optimizer: torch.optim.Optimizer, loader: DataLoader[Tensor]) -> None:
    """One epoch of the lectures' loop."""
    for x in loader:
        loss = objective(*((found := model(x))[0], x), *found[1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def lecture(clock: Clock, network: type[nn.Module] = Dense) -> Trainer:
    def train(values: Images) -> float:
        model = network()
        optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
        start = clock()
        lecture_epoch(model, optimizer, DataLoader(Single(values), batch_size=BATCH, shuffle=True))
        return clock() - start

    return train


def pythae(clock: Clock) -> Trainer:
    from pythae.data.datasets import BaseDataset
    from pythae.models import VAE, VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.trainers import BaseTrainer, BaseTrainerConfig

    logging.disable(logging.CRITICAL)

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

    def train(values: Images) -> float:
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
            known = BaseDataset(data, torch.zeros(len(data)))
            trainer = BaseTrainer(VAE(config, Encoder(), Decoder()), known, training_config=settings)
            start = clock()
            trainer.train()
            return clock() - start

    return train


def pyod(clock: Clock) -> Trainer:
    """PyOD's autoencoder has a squared error and no sampling, which are less to compute."""
    from pyod.models.auto_encoder import AutoEncoder

    def train(values: Images) -> float:
        x = values.reshape(len(values), -1).astype(np.float32) / 255
        detector = AutoEncoder(
            hidden_neuron_list=[400, LATENT],
            batch_norm=False,
            dropout_rate=0.0,
            batch_size=BATCH,
            epoch_num=1,
            lr=RATE,
            preprocessing=False,
            verbose=0,
        )
        start = clock()
        detector.fit(x)  # and scores the rows once
        return clock() - start

    return train


def skorch(clock: Clock) -> Trainer:
    from skorch import NeuralNet

    class Loss(nn.Module):
        def forward(self, found: tuple[Tensor, Tensor, Tensor], x: Tensor) -> Tensor:
            return objective(found[0], x, *found[1:])

    def train(values: Images) -> float:
        x = values.reshape(len(values), -1).astype(np.float32) / 255
        net = NeuralNet(
            Dense,
            Loss,
            optimizer=torch.optim.Adam,
            lr=RATE,
            batch_size=BATCH,
            max_epochs=1,
            train_split=None,
            iterator_train__shuffle=True,
            verbose=0,
        ).initialize()
        start = clock()
        net.partial_fit(x, x)
        return clock() - start

    return train


def lightning(clock: Clock) -> Trainer:
    import lightning.pytorch as pl

    class Module(pl.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.net = Dense()

        def training_step(self, batch: list[Tensor], index: int) -> Tensor:
            found = self.net(batch[0])
            return objective(found[0], batch[0], *found[1:])

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr=RATE)

    def train(values: Images) -> float:
        logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
        x = torch.tensor(values).float().flatten(1) / 255
        loader = DataLoader(TensorDataset(x), batch_size=BATCH, shuffle=True)
        quiet = ("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trainer = pl.Trainer(max_epochs=1, accelerator="cpu", **dict.fromkeys(quiet, False))
            start = clock()
            trainer.fit(Module(), loader)
        return clock() - start

    return train


def jax_and_optax(clock: Clock) -> Trainer:
    import jax
    import optax
    from jax import numpy as jnp

    sizes = {"hidden": (784, 400), "mean": (400, LATENT), "log_var": (400, LATENT)}
    sizes |= {"back": (LATENT, 400), "out": (400, 784)}

    def dense(weights: Any, name: str, x: Any) -> Any:
        return x @ weights[name]["w"] + weights[name]["b"]

    def cost(weights: Any, x: Any, key: Any) -> Any:
        h = jax.nn.relu(dense(weights, "hidden", x))
        mean, log_var = dense(weights, "mean", h), dense(weights, "log_var", h)
        z = mean + jax.random.normal(key, mean.shape) * jnp.exp(log_var / 2)
        y = dense(weights, "out", jax.nn.relu(dense(weights, "back", z)))
        error = jnp.sum(jax.nn.softplus(y) - x * y)
        return error - 0.5 * jnp.sum(1 + log_var - mean**2 - jnp.exp(log_var))

    adam = optax.adam(RATE)

    @jax.jit
    def step(weights: Any, state: Any, x: Any, key: Any) -> Any:
        key, drawn = jax.random.split(key)
        updates, state = adam.update(jax.grad(cost)(weights, x, drawn), state)
        return optax.apply_updates(weights, updates), state, key

    def train(values: Images) -> float:
        x = values.reshape(len(values), -1).astype(np.float32) / 255
        generator = np.random.default_rng(0)
        weights = {
            name: {"w": generator.normal(0, n**-0.5, (n, m)).astype(np.float32), "b": np.zeros(m, np.float32)}
            for name, (n, m) in sizes.items()
        }
        state, key = adam.init(weights), jax.random.key(0)
        start = clock()
        order = generator.permutation(len(x))
        for i in range(0, len(x) - BATCH + 1, BATCH):
            weights, state, key = step(weights, state, x[order[i : i + BATCH]], key)
        jax.block_until_ready(weights)
        return clock() - start

    return train


OTHERS: dict[str, Callable[[Clock], Trainer]] = {
    "lectures' loop": lecture,
    "pythae": pythae,
    "PyOD": pyod,
    "skorch": skorch,
    "Lightning": lightning,
    "JAX + optax": jax_and_optax,
}
