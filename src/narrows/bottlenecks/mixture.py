"""draft"""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn

from narrows.bottlenecks.base import Bottleneck
from narrows.records import Code, Context, Cost, Features, per_example
from narrows.registry import within
from narrows.variance import bounded


class Mixture(Bottleneck):
    def __init__(self, in_shape, latent_dim, *, components: int = 10, beta: float = 1.0, pretrain: float = 0.0, first: str = "plain"):
        super().__init__(in_shape, latent_dim)
        self.code_shape = (latent_dim,)
        self.beta, self.pretrain, self.first = beta, pretrain, first
        self.project = nn.Linear(prod(in_shape), 2 * latent_dim)
        self.means = nn.Parameter(torch.randn(components, latent_dim))
        self.log_vars = nn.Parameter(torch.zeros(components, latent_dim))
        self.logits = nn.Parameter(torch.zeros(components))
        self.register_buffer("settled", torch.tensor(pretrain == 0))

    def forward(self, features: Features, context: Context, *, sample: bool) -> Code:
        mean, log_var = self.posterior(features)
        if not self.settled and self.first == "plain":
            return Code(mean[None])
        z = mean + torch.exp(log_var / 2) * torch.randn_like(mean) if sample else mean
        if not self.settled:
            kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
            return Code(z[None], {"kl": Cost(kl.sum(1)[None], self.beta)})
        div = self.divergences(mean, log_var)
        lw = self.logits.log_softmax(0)
        joint = lw - div
        lr = joint.log_softmax(1)
        r = lr.exp()
        kl = (r * div).sum(1)
        cl = (r * (lr - lw)).sum(1)
        return Code(z[None], {"kl": Cost(kl[None], self.beta), "cluster": Cost(cl[None], self.beta)}, index=r.argmax(1))

    def divergences(self, mean, log_var):
        diff = mean[:, None] - self.means
        clv = bounded(self.log_vars)
        return 0.5 * ((diff**2 + log_var.exp()[:, None]) * (-clv).exp() - 1 + clv - log_var[:, None]).sum(2)

    def responsibilities(self, features):
        mean, log_var = self.posterior(features)
        return (self.logits.log_softmax(0) - self.divergences(mean, log_var)).softmax(1)

    def posterior(self, features):
        mean, raw = self.project(features.h.flatten(1)).chunk(2, dim=1)
        return mean, bounded(raw)

    def place(self, codes, labels):
        """components from labelled codes"""
        with torch.no_grad():
            spare = (1 - codes.var(0)).clamp(min=0) if self.first == 'vae' else 0
            for c in range(len(self.means)):
                own = codes[labels == c]
                self.means[c] = own.mean(0); self.log_vars[c] = (own.var(0) + spare).log(); self.logits[c] = float(len(own)) and torch.log(torch.tensor(float(len(own)) / len(codes)))
            self.settled.fill_(True)
