/** Where decoded examples end, of a kind whose examples may be shorter than others. */

import type { Contents } from "./contents";
import type { Real } from "./model";

/** The number of time steps of an example: up to its last one with a value. */
export function lengthOf(values: ArrayLike<number>, width: number): number {
  let last = values.length - 1;
  while (last >= 0 && Number.isNaN(values[last]!)) last--;
  return Math.floor(last / width) + 1;
}

/** Each of several examples with missing values behind its end. */
export function cut(values: Real, lengths: readonly number[], width: number): Real {
  const size = values.length / lengths.length;
  lengths.forEach((length, i) => values.fill(NaN, i * size + length * width, (i + 1) * size));
  return values;
}

/** The ends of training examples by their codes; a code without an example ends where that of the nearest one does. */
export class Ends {
  private readonly codes: Float32Array;
  private readonly lengths: Uint32Array;

  constructor(private readonly contents: Contents) {
    const has = "ends" in contents.header.columns;
    this.codes = has ? (contents.column("end_codes") as Float32Array) : new Float32Array();
    this.lengths = has ? (contents.column("ends") as Uint32Array) : new Uint32Array();
  }

  /** Decoded `values` of `codes`, one example after the other. */
  ofCodes(values: Real, codes: Float32Array): Real {
    if (!this.lengths.length) return values;
    const { d } = this.contents;
    const lengths = Array.from({ length: codes.length / d }, (_, i) => this.lengths[this.nearest(codes.subarray(i * d, (i + 1) * d))]!);
    return cut(values, lengths, this.width);
  }

  /** The decoded `values` of one example, which end where it does. */
  ofExample(values: Real, example: ArrayLike<number>): Real {
    return this.contents.header.ends_early ? cut(values, [lengthOf(example, this.width)], this.width) : values;
  }

  /** How many values one time step has. */
  private get width(): number {
    return this.contents.size / this.contents.header.shape[0]!;
  }

  private nearest(code: Float32Array): number {
    const { d } = this.contents;
    let [best, least] = [0, Infinity];
    for (let i = 0; i < this.lengths.length; i++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += (this.codes[i * d + k]! - code[k]!) ** 2;
      if (sum < least) [best, least] = [i, sum];
    }
    return best;
  }
}
