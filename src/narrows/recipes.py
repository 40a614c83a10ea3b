"""Recipes: a name, the choices it stands for, and the paper it comes from. Data, nothing else.

What a recipe leaves out is chosen for the data: the encoder by its kind, the decoder as the
encoder's mirror, the loss by the nature of the values. A loss called "error" is the distance that
fits them, one called "likelihood" the negative log-likelihood, which can be weighed against a
divergence in nats.
"""

from typing import Any

RECIPES: dict[str, dict[str, Any]] = {
    "autoencoder": {
        "summary": "a plain autoencoder: fewer numbers, and back",
        "source": "Hinton & Salakhutdinov 2006, Science 313",
        "formula": "E loss(x, D(E(x)))",
        "spec": {
            "bottleneck": {"name": "plain"},
            "loss": {"name": "error"},
        },
    },
    "linear": {
        "summary": "one linear layer each way: spans the subspace that PCA finds",
        "source": "Baldi & Hornik 1989, Neural Networks 2",
        "formula": "E ‖x - (W₂(W₁x + b₁) + b₂)‖²",
        "spec": {
            "encoder": {"name": "linear"},
            "bottleneck": {"name": "plain"},
            "loss": {"name": "squared"},
        },
        "training": {"learning_rate": 0.03, "weight_decay": 0.0},
    },
    "denoising": {
        "summary": "sees noisy data and learns to give back the clean ones",
        "source": "Vincent et al. 2008, ICML",
        "formula": "E loss(x, D(E(x + 0.3·ε)))",
        "spec": {
            "corruption": {"name": "gaussian", "std": 0.3},
            "bottleneck": {"name": "plain"},
            "loss": {"name": "error"},
        },
    },
    "sparse": {
        "summary": "a code of which most numbers are small",
        "source": "Ng 2011, CS294A lecture notes; here with the L1 norm",
        "formula": "E loss(x, D(z)) + 0.01·‖z‖₁, z = E(x)",
        "spec": {
            "bottleneck": {"name": "plain"},
            "loss": {"name": "error"},
            "penalties": [{"name": "l1", "weight": 0.01}],
        },
    },
    "topk": {
        "summary": "a code of which only the largest quarter is kept",
        "source": "Makhzani & Frey 2014, ICLR",
        "formula": "E loss(x, D(top-k of E(x)))",
        "spec": {
            "bottleneck": {"name": "topk"},
            "loss": {"name": "error"},
        },
    },
    "contractive": {
        "summary": "a code that hardly moves when the data move a little",
        "source": "Rifai et al. 2011, ICML",
        "formula": "E loss(x, D(E(x))) + 0.1·‖∂E(x)/∂x‖²",
        "spec": {
            "bottleneck": {"name": "plain"},
            "loss": {"name": "error"},
            "penalties": [{"name": "contractive", "weight": 0.1}],
        },
    },
    "wae": {
        "summary": "a Wasserstein autoencoder: codes together look normal, each is exact",
        "source": "Tolstikhin et al. 2018, ICLR",
        "formula": "E loss(x, D(z)) + 10·MMD²(z, N(0, I)), z = E(x)",
        "spec": {
            "bottleneck": {"name": "plain"},
            "loss": {"name": "error"},
            "penalties": [{"name": "mmd", "weight": 10.0}],
        },
    },
    "vae": {
        "summary": "a variational autoencoder: codes are distributions, and new data can be drawn",
        "source": "Kingma & Welling 2014, ICLR",
        "formula": "E [-log p(x | z)] + KL(q(z | x) ‖ N(0, I))",
        "spec": {
            "bottleneck": {"name": "gaussian", "beta": 1.0},
            "loss": {"name": "likelihood"},
        },
    },
    "beta-vae": {
        "summary": "a VAE that pays four times for its code, so that fewer dimensions mean more each",
        "source": "Higgins et al. 2017, ICLR",
        "formula": "E [-log p(x | z)] + 4·KL(q(z | x) ‖ N(0, I))",
        "spec": {
            "bottleneck": {"name": "gaussian", "beta": 4.0, "warm_up": 0.2},
            "loss": {"name": "likelihood"},
        },
    },
    "denoising-vae": {
        "summary": "a VAE that sees noisy data and explains the clean ones",
        "source": "Im et al. 2017, AAAI",
        "formula": "E [-log p(x | z)] + KL(q(z | x + 0.3·ε) ‖ N(0, I))",
        "spec": {
            "corruption": {"name": "gaussian", "std": 0.3, "clamp": True},
            "bottleneck": {"name": "gaussian", "beta": 1.0},
            "loss": {"name": "likelihood"},
        },
    },
}  # fmt: skip
