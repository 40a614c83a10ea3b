/** The density of the training codes: a mixture of normal distributions, p(z) = Σ w N(z | m, L Lᵀ). */

import { type Contents, countBelow } from "./contents";
import type { Frame } from "./frame";

/** Held-out codes whose density is compared with, at most. */
const COMPARED = 2000;

interface Flat {
  readonly weight: number;
  readonly mean: readonly [number, number];
  /** Of the inverse covariance, xx, xy, yy. */
  readonly inverse: readonly [number, number, number];
  readonly norm: number;
}

export class Density {
  private readonly weights: ArrayLike<number>;
  private readonly means: ArrayLike<number>;
  private readonly factors: ArrayLike<number>;
  private readonly full: boolean;
  private readonly d: number;
  private readonly seen: Float64Array;

  constructor(contents: Contents) {
    this.weights = contents.column("density_weights");
    this.means = contents.column("density_means");
    this.factors = contents.column("density_factors");
    this.full = contents.header.full;
    this.d = contents.d;
    const rows = contents.heldOut;
    const step = Math.max(1, Math.ceil(rows.length / COMPARED));
    const some = rows.filter((_, i) => i % step === 0);
    this.seen = Float64Array.from(some, (row) => this.log(contents.code(row))).sort();
  }

  /** The logarithm of the density, without its constant term. */
  log(code: ArrayLike<number>): number {
    const terms = Array.from(this.weights, (weight, k) => Math.log(weight) - this.distance(code, k));
    const top = Math.max(...terms);
    return top + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - top), 0));
  }

  /** The share of held-out codes at which the density is no greater than at `code`. */
  rank(code: ArrayLike<number>): number {
    const here = this.log(code);
    return countBelow(this.seen, here + 1e-6 * Math.max(1, Math.abs(here))) / this.seen.length;
  }

  /** ½ |L⁻¹ (z − m)|² + log |L| of component `k`. */
  private distance(code: ArrayLike<number>, k: number): number {
    const { d } = this;
    const y = new Float64Array(d);
    let found = 0;
    for (let i = 0; i < d; i++) {
      let rest = code[i]! - this.means[k * d + i]!;
      if (this.full) for (let j = 0; j < i; j++) rest -= this.factor(k, i, j) * y[j]!;
      const own = Math.max(this.factor(k, i, this.full ? i : 0), 1e-30);
      y[i] = rest / own;
      found += 0.5 * y[i]! * y[i]! + Math.log(own);
    }
    return found;
  }

  private factor(k: number, i: number, j: number): number {
    return this.factors[this.full ? (k * this.d + i) * this.d + j : k * this.d + i]!;
  }

  /** The marginal density on the plane of two directions, as a function of its coordinates. */
  onPlane(frame: Frame, x: number, y: number): (x: number, y: number) => number {
    const flats = Array.from(this.weights, (_, k) => this.flat(frame, x, y, k));
    return (px, py) => {
      let sum = 0;
      for (const { weight, mean, inverse, norm } of flats) {
        const a = px - mean[0];
        const b = py - mean[1];
        sum += weight * norm * Math.exp(-0.5 * (inverse[0] * a * a + 2 * inverse[1] * a * b + inverse[2] * b * b));
      }
      return sum;
    };
  }

  private flat(frame: Frame, x: number, y: number, k: number): Flat {
    const [u, v] = [frame.directions[x]!, frame.directions[y]!];
    const [p, q] = [this.factorAlong(u, k), this.factorAlong(v, k)];
    const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    const ridge = 1e-12 + 1e-6 * (dot(p, p) + dot(q, q));
    const [xx, xy, yy] = [dot(p, p) + ridge, dot(p, q), dot(q, q) + ridge];
    const determinant = Math.max(xx * yy - xy * xy, 1e-30);
    const along = (w: Float32Array): number =>
      w.reduce((sum, value, i) => sum + value * (this.means[k * this.d + i]! - frame.origin[i]!), 0);
    return {
      weight: this.weights[k]!,
      mean: [along(u), along(v)],
      inverse: [yy / determinant, -xy / determinant, xx / determinant],
      norm: 1 / Math.sqrt(determinant),
    };
  }

  /** Lᵀ w of component `k`. */
  private factorAlong(w: Float32Array, k: number): Float64Array {
    const found = new Float64Array(this.d);
    for (let j = 0; j < this.d; j++) {
      if (!this.full) found[j] = this.factor(k, j, 0) * w[j]!;
      else for (let i = j; i < this.d; i++) found[j]! += this.factor(k, i, j) * w[i]!;
    }
    return found;
  }
}

export interface Support {
  /** The opacity of what is decoded there, 0 to 1. */
  readonly strength: number;
  readonly level: "dense" | "sparse" | "empty";
  readonly title: string;
  readonly sentence: string;
}

/** How well the data support a place: at the share `rank` of held-out codes the density is no greater. */
export function supportAt(rank: number): Support {
  if (rank >= 0.1) return { strength: 1, level: "dense", title: "Among the data", sentence: "Many training codes lie nearby." };
  if (rank > 0) {
    return {
      strength: 0.45 + 0.5 * (rank / 0.1),
      level: "sparse",
      title: "Low density",
      sentence: `Only ${Math.max(1, Math.round(100 * rank))} % of the held-out codes lie at so low a density.`,
    };
  }
  return {
    strength: 0.3,
    level: "empty",
    title: "No data",
    sentence: "No held-out code lies at so low a density: the decoder extrapolates.",
  };
}
