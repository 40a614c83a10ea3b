/** The range within which decoded values stay. */

import type { Header } from "./contents";
import type { Real } from "./model";

/** Values of new codes, within the range of the training part; a decoder that clips them itself has done so. */
export function clip(values: Real, { clipped, scaling }: Pick<Header, "clipped" | "scaling">): Real {
  if (clipped) return values;
  const channels = scaling.floor.length;
  scaling.floor.forEach((low, c) => {
    const high = scaling.ceiling[c]!;
    for (let i = c; i < values.length; i += channels) values[i] = Math.min(high, Math.max(low, values[i]!));
  });
  return values;
}
