"""Recipes: named compositions of parts, each with its paper or lecture. This module is data only.

What a recipe leaves out is chosen from the data: the encoder by their kind, the decoder as the mirror of the
encoder, the loss by the nature of the values. The loss "error" is a reconstruction loss; "likelihood" is a
negative log-likelihood, which is comparable with a divergence in nats; "exact" is one of the values as they
are stored. The settings in "images" replace the others for images, those in "tables" for tables, those in
"large_images" for images of more than 1024 values, and for patches.
"""

from typing import Any

from narrows.model.lecture_recipes import LECTURES

RECIPES: dict[str, dict[str, Any]] = {
    "autoencoder": {
        "summary": "a plain autoencoder: a code of few dimensions, without a prior or a penalty",
        "source": "Hinton & Salakhutdinov 2006, Science 313",
        "formula": "E loss(x, D(E(x)))",
        "spec": {
            "bottleneck": {"name": "plain"},
            "loss": {"name": "error"},
        },
    },
    "linear": {
        "summary": "one linear layer each way: spans the subspace of PCA",
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
        "summary": "trained on noisy inputs to reconstruct the clean data",
        "source": "Vincent et al. 2008, ICML",
        "formula": "E loss(x, D(E(x + 0.3·ε)))",
        "spec": {
            "corruption": {"name": "gaussian", "std": 0.3},
            "bottleneck": {"name": "plain"},
            "loss": {"name": "error"},
        },
        "large_images": {
            "summary": "trained to remove noise of many strengths, from images of any size",
            "source": "Zhang et al. 2017, IEEE Trans. Image Process. 26",
            "formula": "E ‖x - (x̃ + D(E(x̃)))‖², x̃ = x + s·ε, s uniform in [0, 0.2]",
            "spec": {
                "corruption": {"name": "gaussian", "std": 0.2, "std_low": 0.0},
                "encoder": {"name": "unet", "widths": [48], "blocks": 8},
                "bottleneck": {"name": "plain", "project": "none", "latent_dim": None},
                "output": {"name": "residual"},
                "loss": {"name": "squared"},
            },
            "training": {"batch_size": 8, "learning_rate": 1.5e-3, "turns": True},
        },
    },
    "sparse": {
        "summary": "a code in which most values are small",
        "source": "Ng 2011, CS294A lecture notes; here with the L1 norm",
        "formula": "E loss(x, D(z)) + 0.01·‖z‖₁, z = E(x)",
        "spec": {
            "bottleneck": {"name": "plain"},
            "loss": {"name": "error"},
            "penalties": [{"name": "l1", "weight": 0.01}],
        },
    },
    "stacked": {
        "summary": "layers trained one by one, then together",
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
        "summary": "a code in which only the largest quarter of the values is kept",
        "source": "Makhzani & Frey 2014, ICLR",
        "formula": "E loss(x, D(top-k of E(x)))",
        "spec": {
            "bottleneck": {"name": "topk"},
            "loss": {"name": "error"},
        },
    },
    "contractive": {
        "summary": "a code that changes little with small changes of the data",
        "source": "Rifai et al. 2011, ICML",
        "formula": "E loss(x, D(E(x))) + 0.1·‖∂E(x)/∂x‖²",
        "spec": {
            "bottleneck": {"name": "plain"},
            "loss": {"name": "error"},
            "penalties": [{"name": "contractive", "weight": 0.1}],
        },
    },
    "wae": {
        "summary": "a Wasserstein autoencoder: deterministic codes, normally distributed as a whole",
        "source": "Tolstikhin et al. 2018, ICLR",
        "formula": "E loss(x, D(z)) + 10·MMD²(z, N(0, I)), z = E(x)",
        "spec": {
            "bottleneck": {"name": "plain"},
            "loss": {"name": "error"},
            "penalties": [{"name": "mmd", "weight": 10.0}],
        },
    },
    "vq-vae": {
        "summary": "a code of entries of a learned codebook",
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
        "summary": "a VAE with four times the divergence, so that fewer dimensions are used",
        "source": "Higgins et al. 2017, ICLR",
        "formula": "E [-log p(x | z)] + 4·KL(q(z | x) ‖ N(0, I))",
        "spec": {
            "bottleneck": {"name": "gaussian", "beta": 4.0, "warm_up": 0.2},
            "loss": {"name": "likelihood"},
        },
    },
    "denoising-vae": {
        "summary": "a VAE trained on noisy inputs to reconstruct the clean data",
        "source": "Im et al. 2017, AAAI",
        "formula": "E [-log p(x | z)] + KL(q(z | x + 0.3·ε) ‖ N(0, I))",
        "spec": {
            "corruption": {"name": "gaussian", "std": 0.3, "clamp": True},
            "bottleneck": {"name": "gaussian", "beta": 1.0},
            "loss": {"name": "likelihood"},
        },
    },
    "lossless": {
        "summary": "a small VAE with the likelihood of whole numbers, for narrows compress",
        "source": (
            "Townsend, Bird & Barber 2019, ICLR; of images after Gulrajani et al. 2017, ICLR; of tables "
            "after Germain et al. 2015"
        ),
        "formula": "E [-Σ log P(x_i | z, x_j before i and near it)] + KL(q(z | x) ‖ N(0, I))",
        "spec": {
            "bottleneck": {"name": "gaussian", "beta": 1.0},
            "loss": {"name": "exact"},
        },
        "images": {
            "spec": {
                "encoder": {"name": "conv", "channels": 8, "hidden": 32},
                "bottleneck": {"name": "gaussian", "beta": 1.0, "latent_dim": 8},
                "loss": {"name": "exact"},
            },
            "training": {"batch_size": 64},
        },
        "tables": {
            "spec": {
                "encoder": {"name": "mlp", "widths": [8]},
                "bottleneck": {"name": "gaussian", "beta": 1.0, "latent_dim": 2},
                "loss": {"name": "exact"},
            },
            "training": {"learning_rate": 0.01},
        },
    },
    "mixture-vae": {
        "summary": "a VAE whose prior is a mixture: each code belongs to a cluster",
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
"""A network that computes a correction of damaged images of any size."""

RESTORATIONS: dict[str, dict[str, Any]] = {
    "colouring": {
        "summary": "adds the colours to grey images",
        "source": "Zhang, Isola & Efros 2016, ECCV; by the absolute error as Isola et al. 2017, CVPR",
        "formula": "E ‖x - (g + D(E(g)))‖₁, g the luminance of x in every channel",
        "spec": {"corruption": {"name": "grey"}, **RESTORING, "loss": {"name": "absolute"}},
        "training": {"batch_size": 32, "learning_rate": 2e-3, "mirrors": True},
    },
    "watermark-removal": {
        "summary": "removes a mark from images",
        "source": "Dekel et al. 2017, CVPR, states the task; here by a network",
        "formula": "E ‖x - (m + D(E(m)))‖², m = x + a·s·(white - x), s the mark at a random place",
        "spec": {"corruption": {"name": "watermark"}, **RESTORING},
        "training": {"batch_size": 32, "learning_rate": 2e-3},
    },
    "super-resolution": {
        "summary": "doubles height and width of images",
        "source": "Dong et al. 2014, ECCV; residual as Kim, Lee & Lee 2016, CVPR",
        "formula": "E ‖x - (u + D(E(u)))‖², u = x made smaller and enlarged again, bicubic",
        "spec": {"corruption": {"name": "downsample", "factor": 2}, **RESTORING},
        "training": {"batch_size": 32, "learning_rate": 2e-3},
    },
    "inpainting": {
        "summary": "fills in a missing rectangle of images",
        "source": 'Pathak et al. 2016, CVPR, "Context encoders"; here by squared error',
        "formula": "E ‖x - (m + D(E(m)))‖², m = x but in a random rectangle, where it is 0",
        "spec": {"corruption": {"name": "mask", "form": "rectangle"}, **RESTORING},
        "training": {"batch_size": 32, "learning_rate": 2e-3},
    },
}
"""For `narrows restore`; for images only."""

COMPRESSION: dict[str, dict[str, Any]] = {
    "compression": {
        "summary": "a code for `narrows compress`: few bits for any error that is asked for",
        "source": "Ballé, Laparra & Simoncelli 2017, ICLR; p as Minnen, Ballé & Toderici 2018, NeurIPS",
        "formula": "E ‖x - D(y)‖²/2s² - log p(y), y = E(x) rounded, s uniform on a logarithmic scale",
        "spec": {
            "encoder": {"name": "block"},
            "bottleneck": {"name": "rounded", "project": "none", "latent_dim": None},
            "loss": {"name": "squared"},
        },
        "training": {
            "batch_size": 32,
            "least_steps": 4000,
            "learning_rate": 1e-3,
            "weight_decay": 0.0,
            "clip": 2.0,
        },
    },
}
"""For `narrows compress` with a loss; for images only."""

FROM_NOISE: dict[str, dict[str, Any]] = {
    "self-supervised": {
        "summary": "removes noise, learned from noisy images alone: hidden pixels from the others",
        "source": "Krull, Buchholz & Jug 2019, CVPR (Noise2Void); Höck et al. 2022, ECCV workshops (N2V2)",
        "formula": "E Σ (x - D(E(h)))² over hidden pixels, h = x but there the mean of the neighbours",
        "spec": {
            "corruption": {"name": "blind-spot"},
            "encoder": {"name": "unet", "widths": [48], "blocks": 8},
            "bottleneck": {"name": "plain", "project": "none", "latent_dim": None},
            "output": {"name": "direct"},
            "loss": {"name": "squared"},
        },
        "training": {"batch_size": 8, "least_steps": 4000, "learning_rate": 1e-3, "turns": True},
    },
}
"""Denoising is learned from noisy examples alone; for images only."""

SEQUENTIAL: dict[str, dict[str, Any]] = {
    "seq2seq": {
        "summary": "recurrent: a sequence is read to a code, and written from it step by step",
        "source": "Srivastava, Mansimov & Salakhutdinov 2015, ICML; with the units of Cho et al. 2014, EMNLP",
        "formula": "E loss(x, D(E(x))), E and D gated recurrent units along time",
        "spec": {
            "encoder": {"name": "gru", "linear": False},
            "bottleneck": {"name": "plain"},
            "loss": {"name": "error"},
        },
        "training": {"learning_rate": 1e-2},
    },
}
"""For sequences only."""

FRAMES: dict[str, dict[str, Any]] = {
    "noise2noise": {
        "summary": "trained to make a frame of a movie of the one beside it, of which the noise is another",
        "source": "Lehtinen et al. 2018, ICML",
        "formula": "E ‖x₂ - (x₁ + D(E(x₁)))‖², x₁ and x₂ neighbouring frames, either way round",
        "spec": {
            "encoder": {"name": "unet", "widths": [48], "blocks": 8},
            "bottleneck": {"name": "plain", "project": "none", "latent_dim": None},
            "output": {"name": "residual"},
            "loss": {"name": "squared"},
        },
        "training": {"batch_size": 8, "learning_rate": 2e-3, "turns": True},
    },
}
"""For frames of movies and repeated scans only."""

GRAPHS: dict[str, dict[str, Any]] = {
    "gae": {
        "summary": "a graph autoencoder: inner products of the codes of two nodes predict an edge",
        "source": "Kipf & Welling 2016, NIPS Bayesian Deep Learning workshop",
        "formula": "-Σ log σ(z_i·z_j) over edges - Σ log σ(-z_i·z_j) over other pairs, Z = S relu(S X W₀) W₁",
        "spec": {
            "encoder": {"name": "gcn"},
            "bottleneck": {"name": "plain"},
            "loss": {"name": "edges", "walks": 0},
        },
        "training": {"learning_rate": 0.01, "epochs": 200},
    },
    "vgae": {
        "summary": "a variational graph autoencoder: codes of nodes are distributions",
        "source": "Kipf & Welling 2016, NIPS Bayesian Deep Learning workshop",
        "formula": "as gae, + 0.01·KL(q(z_i | X, A) ‖ N(0, I)) of each node",
        "spec": {
            "encoder": {"name": "gcn"},
            "bottleneck": {"name": "gaussian", "beta": 0.01},
            "loss": {"name": "edges", "walks": 0},
        },
        "training": {"learning_rate": 0.01, "epochs": 200},
    },
}
"""For graphs only."""

RECIPES |= RESTORATIONS | COMPRESSION | FROM_NOISE | SEQUENTIAL | FRAMES | GRAPHS | LECTURES
