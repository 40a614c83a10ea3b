"""Recipes: a name, the choices it stands for, and the paper or lecture it comes from. Data, nothing else.

What a recipe leaves out is chosen for the data: the encoder by its kind, the decoder as the
encoder's mirror, the loss by the nature of the values. A loss called "error" is the distance that
fits them, one called "likelihood" the negative log-likelihood, which can be weighed against a
divergence in nats. What "large_images" says stands in the place of the rest where the data are images of
more than 1024 values, or patches of larger ones.

Those called by a letter and a number are a lecture's, layer by layer and setting by setting. A
lecture whose loss is a mean over values is weighed so ("per": "value"), which matters beside Adam's
weight decay. None of them names its size of batch but P4's, 128, and so it is 128 in all but Y2:
with 64, whose steps are twice as many.
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
        "training": {
            "optimizer": "adam", "learning_rate": 0.01, "beta2": 0.95, "weight_decay": 0.0, "keep": "last",
        },
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
        "large_images": {
            "summary": "sees noise of many strengths and learns what to take away, in images of any size",
            "source": "Zhang et al. 2017, IEEE Trans. Image Process. 26",
            "formula": "E ‖x - (x̃ + D(E(x̃)))‖², x̃ = x + s·ε, s uniform in [0, 0.2]",
            "spec": {
                "corruption": {"name": "gaussian", "std": 0.2, "std_low": 0.0},
                "encoder": {"name": "unet", "widths": [48], "blocks": 8},
                "bottleneck": {"name": "plain", "project": "none", "latent_dim": None},
                "output": {"name": "residual"},
                "loss": {"name": "squared"},
            },
            "training": {"batch_size": 8, "learning_rate": 2e-3, "turns": True},
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
    "stacked": {
        "summary": "layers trained one by one, then as a whole",
        "source": "Bengio et al. 2007, NeurIPS",
        "formula": "E ‖h - D_k(E_k(h))‖² for each layer k, then E loss(x, D(E(x)))",
        "spec": {
            "encoder": {"name": "mlp"},
            "bottleneck": {"name": "plain"},
            "loss": {"name": "error"},
        },
        "training": {"layerwise": 0.4},
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
    "vq-vae": {
        "summary": "a code made of words from a codebook that is learned",
        "source": "van den Oord et al. 2017, NeurIPS",
        "formula": "E loss(x, D(e)) + ‖sg z - e‖² + 0.25·‖z - sg e‖², e the entries nearest to z = E(x)",
        "spec": {
            "bottleneck": {"name": "quantized"},
            "loss": {"name": "error"},
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
    "mixture-vae": {
        "summary": "a VAE whose prior has clusters: each code says which one it belongs to",
        "source": "Varolgüneş, Bereau & Rudzinski 2020; inference after Jiang et al. 2017, IJCAI",
        "formula": "E [-log p(x | z)] + Σ_y q(y | x)·KL(q(z | x) ‖ N(m_y, Σ_y)) + KL(q(y | x) ‖ π)",
        "spec": {
            "corruption": {"name": "mask", "share": 0.3},
            "bottleneck": {"name": "mixture", "components": 10, "covariance": "full", "pretrain": 0.5},
            "loss": {"name": "likelihood"},
        },
        "training": {"learning_rate": 2e-3},
    },
}  # fmt: skip

RESTORING: dict[str, Any] = {
    "encoder": {"name": "unet", "widths": [32, 32, 32], "blocks": 1},
    "bottleneck": {"name": "plain", "project": "none", "latent_dim": None},
    "output": {"name": "residual"},
    "loss": {"name": "squared"},
}
"""A network that sees damaged images of any size and says what to change in them."""

RESTORATIONS: dict[str, dict[str, Any]] = {
    "colouring": {
        "summary": "sees grey images and learns their colours",
        "source": "Zhang, Isola & Efros 2016, ECCV; by the absolute error as Isola et al. 2017, CVPR",
        "formula": "E ‖x - (g + D(E(g)))‖₁, g the luminance of x in every channel",
        "spec": {"corruption": {"name": "grey"}, **RESTORING, "loss": {"name": "absolute"}},
        "training": {"batch_size": 32, "learning_rate": 2e-3},
    },
    "watermark-removal": {
        "summary": "sees images with a mark over them and learns what was below",
        "source": "Dekel et al. 2017, CVPR, states the task; here by a network",
        "formula": "E ‖x - (m + D(E(m)))‖², m = x + a·s·(white - x), s the mark at a random place",
        "spec": {"corruption": {"name": "watermark"}, **RESTORING},
        "training": {"batch_size": 32, "learning_rate": 2e-3},
    },
    "super-resolution": {
        "summary": "sees images of half the height and width and learns the details",
        "source": "Dong et al. 2014, ECCV; residual as Kim, Lee & Lee 2016, CVPR",
        "formula": "E ‖x - (u + D(E(u)))‖², u = x made smaller and enlarged again, bicubic",
        "spec": {"corruption": {"name": "downsample", "factor": 2}, **RESTORING},
        "training": {"batch_size": 32, "learning_rate": 2e-3},
    },
    "inpainting": {
        "summary": "sees images of which a rectangle is missing and learns to fill it in",
        "source": 'Pathak et al. 2016, CVPR, "Context encoders"; here by squared error',
        "formula": "E ‖x - (m + D(E(m)))‖², m = x but in a random rectangle, where it is 0",
        "spec": {"corruption": {"name": "mask", "form": "rectangle"}, **RESTORING},
        "training": {"batch_size": 32, "learning_rate": 2e-3},
    },
}
"""What `narrows restore` is for; of images alone."""

RECIPES |= RESTORATIONS

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
"""How lectures train: Adam with a fixed learning rate, to the last epoch."""

SATURATING: dict[str, Any] = {
    **LECTURE,
    "optimizer": "adamw",
    "learning_rate": 1e-2,
    "schedule": "one-cycle",
}
"""Where lectures say nothing, and sigmoids learn slowly."""

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
        "summary": "P1 that sees noisy images and is compared with the clean ones",
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
        "summary": "P3 that sees noisy images and is compared with the clean ones",
        "source": PELZ,
        "formula": "E BCE(x, D(z)) + KL(N(μ, σ²) ‖ N(0, I)), μ and σ of clamp(x + 0.3·ε)",
        "spec": {**P3, "corruption": NOISE},
        "training": LECTURE,
    },
    "p5": {
        "summary": "an overcomplete code of which few numbers are active at a time",
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
        "summary": "Y1 with a code that hardly moves when the image does",
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
        "summary": "sparse layers: of each example's units few are active",
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
        "summary": "Y5 with the loss that a comment of the lecture names: squared error",
        "source": YIP,
        "formula": "E ‖x - D(z)‖² + KL(N(μ, σ²) ‖ N(0, I)), z = μ + σ·ε",
        "spec": {**Y5, "loss": {"name": "squared", "link": "sigmoid"}},
        "training": LECTURE,
    },
    "y6": {
        "summary": "layers trained one by one, then as a whole",
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
        "summary": "convolutional autoencoder with batch normalisation; as written, it learns the noise too",
        "source": CSCI,
        "formula": "E mean (y - D(E(y)))², y = clamp(x + 0.3·ε)",
        "spec": C1,
        "training": {**LECTURE, "weight_decay": 1e-5},
    },
    "c1-corrected": {
        "summary": "C1 compared with the clean image, which makes it a denoising autoencoder",
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
        "summary": "a convolutional autoencoder that enlarges by upsampling and convolving",
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
        "summary": "a VAE that weighs the error by C; the covariance diagonal or full",
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
"""The lectures' systems by the number that `narrows reproduce` gives them."""

RECIPES |= LECTURES
