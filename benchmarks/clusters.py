"""Clusters found without labels: the mixture VAE beside k-means, on MNIST's 10,000 test images.

    python benchmarks/clusters.py [--seeds N] [--quick] [--out FILE.json]

Every method sees the 60,000 training images without labels and knows that there are 10 clusters.
Accuracy is the share of test images in the cluster that stands for their label, under the best
one-to-one matching of clusters with labels.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
from pathlib import Path

from narrows.reproduce.clusters import mixture
from narrows.reproduce.lab import Lab


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="the enlarged digits instead of MNIST")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    records = []
    for seed in range(given.seeds):
        lab = Lab(quick=given.quick, seed=seed)
        found = mixture(lab)
        seconds = lab.fit("s5", epochs=lab.pick(None, 40)).metrics["seconds"]
        record = {"mixture": found.measured["accuracy"], **found.yardstick, "seconds": seconds}
        records.append(record)
        print(
            f"seed {seed}: " + ", ".join(f"{name} {value:.3f}" for name, value in record.items()), flush=True
        )
    for name in ("mixture", "k_means_pixels", "k_means_plain_codes"):
        print(f"median of {len(records)} seeds, {name}: {statistics.median(r[name] for r in records):.3f}")
    if given.out:
        given.out.write_text(json.dumps({"machine": platform.machine(), "records": records}, indent=1))


if __name__ == "__main__":
    main()
