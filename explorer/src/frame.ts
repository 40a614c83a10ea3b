/** Directions in latent space, two of which span the plane: the latent dimensions, or the principal directions. */

import type { Contents } from "./contents";

export interface Frame {
  readonly name: "code" | "principal";
  /** The origin of the coordinates; directions are orthonormal. */
  readonly origin: Float32Array;
  readonly directions: readonly Float32Array[];
  readonly labels: readonly string[];
}

export function codeFrame(d: number): Frame {
  const unit = (k: number): Float32Array => Float32Array.from({ length: d }, (_, i) => Number(i === k));
  return {
    name: "code",
    origin: new Float32Array(d),
    directions: Array.from({ length: Math.min(d, MOST) }, (_, k) => unit(k)),
    labels: Array.from({ length: Math.min(d, MOST) }, (_, k) => `z${k}`),
  };
}

/** Latent dimensions that can be chosen, at most. */
const MOST = 256;

export function principalFrame(contents: Contents): Frame {
  const flat = contents.column("directions") as Float32Array;
  const shares = contents.column("shares");
  const { d } = contents;
  const percent = (k: number): string => `${Math.round(100 * shares[k]!)} %`;
  return {
    name: "principal",
    origin: contents.column("mean") as Float32Array,
    directions: Array.from({ length: flat.length / d }, (_, k) => flat.subarray(k * d, (k + 1) * d)),
    labels: Array.from({ length: flat.length / d }, (_, k) => `direction ${k + 1} (${percent(k)})`),
  };
}

/** The coordinate of each of `codes`, one after the other, along direction `k`. */
export function coordinates(frame: Frame, k: number, codes: Float32Array): Float32Array {
  const { origin } = frame;
  const direction = frame.directions[k]!;
  const d = origin.length;
  const found = new Float32Array(codes.length / d);
  for (let i = 0, at = 0; i < found.length; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++, at++) sum += (codes[at]! - origin[j]!) * direction[j]!;
    found[i] = sum;
  }
  return found;
}

/** The coordinate of one code along direction `k`. */
export function coordinate(frame: Frame, k: number, code: Float32Array): number {
  const direction = frame.directions[k]!;
  return code.reduce((sum, value, j) => sum + (value - frame.origin[j]!) * direction[j]!, 0);
}

/** `code`, moved along direction `k` until its coordinate is `to`. */
export function moved(frame: Frame, k: number, code: Float32Array, to: number): Float32Array {
  const step = to - coordinate(frame, k, code);
  const direction = frame.directions[k]!;
  return code.map((value, j) => value + step * direction[j]!);
}

/** a − b + c, and the like: the sum of `codes`, each times its weight. */
export function combined(codes: readonly Float32Array[], weights: readonly number[]): Float32Array {
  const found = new Float32Array(codes[0]!.length);
  codes.forEach((code, i) => code.forEach((value, j) => (found[j]! += weights[i]! * value)));
  return found;
}

/** `steps` codes, one after the other, on the straight path from `a` to `b`, both included. */
export function pathCodes(a: Float32Array, b: Float32Array, steps: number): Float32Array {
  const found = new Float32Array(steps * a.length);
  for (let i = 0; i < steps; i++) {
    const share = i / (steps - 1);
    found.set(combined([a, b], [1 - share, share]), i * a.length);
  }
  return found;
}

/** The mean of the codes of some rows. */
export function meanCode(contents: Contents, rows: ArrayLike<number>): Float32Array {
  const sums = new Float64Array(contents.d);
  for (let i = 0; i < rows.length; i++) contents.code(rows[i]!).forEach((value, j) => (sums[j]! += value));
  return Float32Array.from(sums, (sum) => sum / rows.length);
}
