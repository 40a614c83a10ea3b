"""The systems of the lectures as recipes, with all their layers and settings. This module is data only.

A loss that is a mean over values in the lecture has "per": "value", which matters with the weight decay of
Adam. Only P4 names its batch size, 128; the others have the same, except Y2, which has 64 and twice as many
steps.
"""

from typing import Any

LECTURE: dict[str, Any] = {
    "epochs": 10,
    "batch_size": 128,
    "learning_rate": 1e-3,
    "schedule": "constant",
    "optimizer": "adam",
    "weight_decay": 0.0,
    "clip": 0.0,
    "keep": "last",
}
"""The training of the lectures: Adam with a fixed learning rate, to the last epoch."""

SATURATING: dict[str, Any] = {
    **LECTURE,
    "optimizer": "adamw",
    "learning_rate": 1e-2,
    "schedule": "one-cycle",
}
"""The training of networks of sigmoids, which learn slowly; the lectures name no settings for them."""

PELZ = "Pelz, Data Science for Electron Microscopy, lecture 4"
YIP = "Yip, Physics 361, Machine Learning in Physics, 2025"
CSCI = "CSCI 6379, Introduction to Deep Learning"
SHARIF = "Sharif University of Technology, ML Instruction Team, 2022"

P1: dict[str, Any] = {
    "corruption": {"name": "none"},
    "encoder": {"name": "layers", "down": "conv 16 k3 s2 p1, relu, conv 32 k3 s2 p1, relu"},
    "bottleneck": {"name": "plain", "project": "conv", "kernel": 7, "latent_dim": 64},
    "decoder": {
        "name": "layers",
        "up": "transposed 32 k7, relu, transposed 16 k3 s2 p1 o1, relu, transposed * k3 s2 p1 o1",
    },
    "loss": {"name": "squared", "link": "sigmoid", "per": "value"},
}

P3: dict[str, Any] = {
    "corruption": {"name": "none"},
    "encoder": {
        "name": "layers",
        "down": "conv 32 k3 s2 p1, relu, conv 64 k3 s2 p1, relu, flatten, linear 256",
    },
    "bottleneck": {"name": "gaussian", "beta": 1.0, "latent_dim": 32},
    "decoder": {
        "name": "layers",
        "up": "spread 64, transposed 32 k3 s2 p1 o1, relu, transposed * k3 s2 p1 o1",
    },
    "loss": {"name": "bernoulli"},
}

NOISE: dict[str, Any] = {"name": "gaussian", "std": 0.3, "clamp": True}

C1: dict[str, Any] = {
    "corruption": {**NOISE, "target": "noisy"},
    "encoder": {
        "name": "layers",
        "down": "conv 8 k3 s2 p1, relu, conv 16 k3 s2 p1, batchnorm, relu, conv 32 k3 s2, relu, "
        "flatten, linear 128, relu",
    },
    "bottleneck": {"name": "plain", "latent_dim": 4},
    "decoder": {
        "name": "layers",
        "up": "linear 128, relu, spread 32, relu, transposed 16 k3 s2, batchnorm, relu, "
        "transposed 8 k3 s2 p1 o1, batchnorm, relu, transposed * k3 s2 p1 o1",
    },
    "loss": {"name": "squared", "link": "sigmoid", "per": "value"},
}

Y1: dict[str, Any] = {
    "corruption": {"name": "none"},
    "encoder": {"name": "mlp", "widths": [128, 64, 12], "activation": "relu"},
    "bottleneck": {"name": "plain", "latent_dim": 3},
    "loss": {"name": "squared", "link": "tanh", "per": "value"},
}

Y5: dict[str, Any] = {
    "corruption": {"name": "none"},
    "encoder": {"name": "mlp", "widths": [400], "activation": "relu"},
    "bottleneck": {"name": "gaussian", "beta": 1.0, "latent_dim": 20},
    "loss": {"name": "bernoulli"},
}

LECTURES: dict[str, dict[str, Any]] = {
    "p1": {
        "summary": "convolutional autoencoder",
        "source": PELZ,
        "formula": "E mean (x - D(E(x)))²",
        "spec": P1,
        "training": LECTURE,
    },
    "p2": {
        "summary": "P1, trained on noisy images to reconstruct the clean ones",
        "source": PELZ,
        "formula": "E mean (x - D(E(clamp(x + 0.3·ε))))²",
        "spec": {**P1, "corruption": NOISE},
        "training": LECTURE,
    },
    "p3": {
        "summary": "convolutional variational autoencoder",
        "source": PELZ,
        "formula": "E BCE(x, D(z)) + β·KL(N(μ, σ²) ‖ N(0, I)), z = μ + σ·ε",
        "spec": P3,
        "training": LECTURE,
    },
    "p4": {
        "summary": "P3, trained on noisy images to reconstruct the clean ones",
        "source": PELZ,
        "formula": "E BCE(x, D(z)) + KL(N(μ, σ²) ‖ N(0, I)), μ and σ of clamp(x + 0.3·ε)",
        "spec": {**P3, "corruption": NOISE},
        "training": {**LECTURE, "snapshot_every": 2},
    },
    "p5": {
        "summary": "an overcomplete code in which few dimensions are active at a time",
        "source": f"{PELZ}; Ng 2011, CS294A lecture notes",
        "formula": "E ‖x - D(z)‖² + Σ_units KL(ρ ‖ mean z), z = sigmoid(W x + b)",
        "spec": {
            "corruption": {"name": "none"},
            "encoder": {"name": "linear"},
            "bottleneck": {"name": "plain", "activation": "sigmoid", "latent_dim": 1000},
            "loss": {"name": "squared", "link": "sigmoid"},
            "penalties": [{"name": "sparse-kl", "form": "unit", "rho": 0.2, "weight": 0.1}],
        },
        "training": SATURATING,
    },
    "y1": {
        "summary": "fully connected autoencoder 784-128-64-12-3 and back",
        "source": YIP,
        "formula": "E mean (x - D(E(x)))²",
        "spec": Y1,
        "training": {**LECTURE, "weight_decay": 1e-5},
    },
    "y2": {
        "summary": "convolutional autoencoder with pooling",
        "source": YIP,
        "formula": "E mean (x - D(E(x)))²",
        "spec": {
            "corruption": {"name": "none"},
            "encoder": {
                "name": "layers",
                "down": "conv 16 k3 s3 p1, relu, maxpool k2 s2, conv 8 k3 s2 p1, relu, maxpool k2 s1",
            },
            "bottleneck": {"name": "plain", "project": "none", "latent_dim": None},
            "decoder": {
                "name": "layers",
                "up": "transposed 16 k3 s2, relu, transposed 8 k5 s3 p1, relu, transposed * k2 s2 p1",
            },
            "loss": {"name": "squared", "link": "tanh", "per": "value"},
        },
        "training": {**LECTURE, "batch_size": 64, "weight_decay": 1e-5},
    },
    "y3": {
        "summary": "Y1 with a code that changes little with small changes of the image",
        "source": f"{YIP}; Rifai et al. 2011, ICML",
        "formula": "E ‖x - D(E(x))‖² + λ·‖∂E(x)/∂x‖²",
        "spec": {
            **Y1,
            "loss": {"name": "squared", "link": "tanh"},
            "penalties": [{"name": "contractive", "weight": 0.1}],
        },
        "training": LECTURE,
    },
    "y4": {
        "summary": "sparse layers: few units are active for each example",
        "source": YIP,
        "formula": "E [‖x - D(E(x))‖² + Σ_layers w·KL(ρ ‖ mean of the layer's units)]",
        "spec": {
            "corruption": {"name": "none"},
            "encoder": {"name": "mlp", "widths": [400], "activation": "sigmoid"},
            "bottleneck": {"name": "plain", "activation": "sigmoid", "latent_dim": 100},
            "decoder": {"name": "mlp", "activation": "sigmoid"},
            "loss": {"name": "squared", "link": "sigmoid"},
            "penalties": [{"name": "sparse-kl", "form": "example", "rho": 0.2, "weight": 30.0}],
        },
        "training": SATURATING,
    },
    "y5": {
        "summary": "fully connected variational autoencoder 784-400-20 and back",
        "source": YIP,
        "formula": "E BCE(x, D(z)) + KL(N(μ, σ²) ‖ N(0, I)), z = μ + σ·ε",
        "spec": Y5,
        "training": LECTURE,
    },
    "y5-mse": {
        "summary": "Y5 with the squared error, which a comment of the lecture names",
        "source": YIP,
        "formula": "E ‖x - D(z)‖² + KL(N(μ, σ²) ‖ N(0, I)), z = μ + σ·ε",
        "spec": {**Y5, "loss": {"name": "squared", "link": "sigmoid"}},
        "training": LECTURE,
    },
    "y6": {
        "summary": "layers trained one by one, then together",
        "source": f"{YIP}; Bengio et al. 2007, NeurIPS",
        "formula": "E ‖h - D_k(E_k(h))‖² for each layer k, then E ‖x - D(E(x))‖²",
        "spec": {
            "corruption": {"name": "none"},
            "encoder": {"name": "mlp", "widths": [512, 256, 128], "activation": "sigmoid"},
            "bottleneck": {"name": "plain", "latent_dim": 30},
            "loss": {"name": "squared", "link": "sigmoid"},
        },
        "training": {**LECTURE, "epochs": 16, "layerwise": 0.4},
    },
    "c1": {
        "summary": "convolutional autoencoder with batch normalisation; as written, the target is noisy, too",
        "source": CSCI,
        "formula": "E mean (y - D(E(y)))², y = clamp(x + 0.3·ε)",
        "spec": C1,
        "training": {**LECTURE, "weight_decay": 1e-5},
    },
    "c1-corrected": {
        "summary": "C1 with the clean image as target, a denoising autoencoder",
        "source": CSCI,
        "formula": "E mean (x - D(E(clamp(x + 0.3·ε))))²",
        "spec": {**C1, "corruption": NOISE},
        "training": {**LECTURE, "weight_decay": 1e-5},
    },
    "s1": {
        "summary": "two dense layers without activation, by gradient descent: the lecture's PCA",
        "source": SHARIF,
        "formula": "E mean (x - (W₂(W₁x + b₁) + b₂))²",
        "spec": {
            "corruption": {"name": "none"},
            "encoder": {"name": "linear"},
            "bottleneck": {"name": "plain", "latent_dim": 2},
            "loss": {"name": "squared", "per": "value"},
        },
        "training": {
            **LECTURE, "optimizer": "sgd", "learning_rate": 0.01, "momentum": 0.0, "batch_size": 32,
        },
    },
    "s2": {
        "summary": "a deep autoencoder: several hidden layers each way, tied weights",
        "source": f"{SHARIF}; Hinton & Salakhutdinov 2006, Science 313",
        "formula": "E ‖x - D(E(x))‖²",
        "spec": {
            "corruption": {"name": "none"},
            "encoder": {"name": "mlp", "widths": [512, 256, 128], "activation": "relu"},
            "bottleneck": {"name": "plain", "latent_dim": 30},
            "decoder": {"name": "mlp", "tied": True},
            "loss": {"name": "squared", "link": "sigmoid"},
        },
        "training": LECTURE,
    },
    "s3": {
        "summary": "a convolutional autoencoder whose decoder upsamples and convolves",
        "source": SHARIF,
        "formula": "E ‖x - D(E(x))‖²",
        "spec": {
            "corruption": {"name": "none"},
            "encoder": {"name": "conv", "activation": "relu", "channels": 16, "hidden": 0},
            "bottleneck": {"name": "plain", "latent_dim": 16},
            "decoder": {"name": "conv", "upsample": "nearest"},
            "loss": {"name": "squared", "link": "sigmoid"},
        },
        "training": LECTURE,
    },
    "s4": {
        "summary": "a VAE with the error weighted by C; the covariance is full, or diagonal",
        "source": SHARIF,
        "formula": "E C·‖x - D(z)‖² + KL(N(μ, Σ) ‖ N(0, I)), z ~ N(μ, Σ)",
        "spec": {
            **Y5,
            "bottleneck": {"name": "gaussian", "covariance": "full", "latent_dim": 10},
            "loss": {"name": "squared", "link": "sigmoid", "weight": 4.0},
        },
        "training": LECTURE,
    },
    "s5": {
        "summary": "Gaussian-mixture VAE: ten clusters found without labels",
        "source": f"{SHARIF}; Varolgüneş, Bereau & Rudzinski 2020; inference after Jiang et al. 2017, IJCAI",
        "formula": "E [-log p(x | z)] + Σ_y q(y | x)·KL(q(z | x) ‖ N(m_y, Σ_y)) + KL(q(y | x) ‖ π)",
        "spec": {
            "corruption": {"name": "mask", "share": 0.3},
            "encoder": {"name": "mlp", "widths": [512, 256]},
            "bottleneck": {
                "name": "mixture", "components": 10, "covariance": "full", "pretrain": 0.5, "latent_dim": 10,
            },
            "loss": {"name": "bernoulli"},
        },
        "training": {"epochs": 24, "batch_size": 128, "learning_rate": 2e-3, "keep": "last"},
    },
}  # fmt: skip
"""By the number of the system in `narrows reproduce`."""

CLASSIFIERS: dict[str, dict[str, Any]] = {
    "p6": {
        "summary": "softmax regression: a linear classifier of images, which learns from their labels",
        "source": PELZ,
        "formula": "E −Σⱼ yⱼ log softmax(x W + b)ⱼ",
        "model": "softmax regression",
        "weights": "784×10 from N(0, 0.01²), biases 0",
        "training": {"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 256, "epochs": 10},
        "command": "narrows reproduce P6",
        "python": "narrows.SoftmaxRegression().fit(X, y)",
    },
}
"""The systems of the lectures that are no autoencoders: shown like recipes, but not fitted by `fit`."""
