/** What the panels may ask of the stage that they belong to. */

import type { Contents } from "./contents";
import type { Density } from "./density";
import { inPrint } from "./dom";
import type { Model, Real } from "./model";
import type { Kind } from "./samples/kind";

export interface Space {
  readonly contents: Contents;
  readonly kind: Kind;
  readonly model: Model;
  readonly density: Density;
  /** Move the plane through a code, and the cursor onto it. */
  goTo(code: Float32Array): void;
  /** Draw a line through codes on the plane. */
  trace(codes: Float32Array | null): void;
}

/** One example of several. */
export function nth(space: Space, values: Real, i: number): Real {
  const { size } = space.contents;
  return values.subarray(i * size, (i + 1) * size);
}

/** Decoded codes side by side; pressing one moves the cursor there. */
export function strip(space: Space, codes: Float32Array, values: Real, titleOf: (i: number) => string): HTMLElement {
  const { d } = space.contents;
  const examples = Array.from({ length: codes.length / d }, (_, i) => {
    return { title: titleOf(i), text: String(i + 1), values: nth(space, values, i) };
  });
  return space.kind.several(examples, (i) => space.goTo(codes.slice(i * d, (i + 1) * d)));
}

/** An error compared with all held-out errors. */
export function errorInWords(space: Space, error: number): string {
  const rank = space.contents.rank(error);
  const least = error < space.contents.quantile(0) ? "smaller than every held-out error" : "equal to the smallest held-out error";
  const beside = rank === 0 ? least : rank >= 1 ? "larger than every held-out error" : `larger than ${percent(rank)} of the held-out errors`;
  return `Error ${inPrint(error)}, ${beside}.`;
}

/** The share of held-out errors beyond which an example counts as unlike the data. */
export const UNLIKE = 0.99;

function percent(share: number): string {
  const hundred = 100 * share;
  return `${hundred > 99 || hundred < 1 ? hundred.toFixed(1) : Math.round(hundred)} %`;
}
