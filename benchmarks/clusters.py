"""Clustering without labels: the mixture VAE compared with k-means, on MNIST's 10,000 test images.

    python benchmarks/clusters.py [--seeds N] [--quick] [--out FILE.json]

Every method is fitted to the 60,000 training images without labels, with 10 clusters. Accuracy is the
share of test images in the cluster that is matched with their label, under the best one-to-one matching.
Exits with 1 if the median accuracy of the mixture VAE is below the threshold of `narrows reproduce S5`.
"""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path
from statistics import median

from narrows.reproduce.clusters import mixture
from narrows.reproduce.lab import Lab


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="glyphs instead of MNIST")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    records = []
    for seed in range(given.seeds):
        lab = Lab(quick=given.quick, seed=seed)
        finding = mixture(lab)
        seconds = lab.fit("s5", epochs=lab.pick(None, 40)).metrics["seconds"]
        record = {"mixture": finding.measured["accuracy"], **finding.yardstick, "seconds": seconds}
        records.append(record)
        print(
            f"seed {seed}: " + ", ".join(f"{name} {value:.3f}" for name, value in record.items()), flush=True
        )
    for name in ("mixture", "k_means_pixels", "k_means_plain_codes"):
        print(f"median of {len(records)} seeds, {name}: {median(r[name] for r in records):.3f}")
    if given.out:
        given.out.write_text(json.dumps({"machine": platform.machine(), "records": records}, indent=1))
    raise SystemExit(median(r["mixture"] for r in records) < records[0]["threshold"])


if __name__ == "__main__":
    main()
