/** The range within which decoded values stay, as `narrows.data.limits` has it. */

import type { Header } from "./contents";
import type { Real } from "./model";

/** The share of the range by which values exceed an end that is dropped; less may be noise. */
const BEYOND = 0.05;

/**
 * Decoded values within the range of the training part.
 *
 * An end of the range is dropped for the reconstruction of an example that lies beyond it, if the
 * reconstruction does so too.
 */
export function clip(values: Real, { clipped, scaling }: Pick<Header, "clipped" | "scaling">, example: ArrayLike<number> = []): Real {
  if (clipped) return values;
  const channels = scaling.floor.length;
  scaling.floor.forEach((low, c) => {
    const high = scaling.ceiling[c]!;
    const room = BEYOND * (high - low);
    const both = (over: (value: number) => number): boolean => [example, values].every((each) => most(each, c, channels, over) > room);
    const [least, greatest] = [both((x) => low - x) ? -Infinity : low, both((x) => x - high) ? Infinity : high];
    for (let i = c; i < values.length; i += channels) values[i] = Math.min(greatest, Math.max(least, values[i]!));
  });
  return values;
}

/** The most that the values of one of so many channels have of a quantity. */
function most(values: ArrayLike<number>, c: number, channels: number, of: (value: number) => number): number {
  let found = -Infinity;
  for (let i = c; i < values.length; i += channels) if (of(values[i]!) > found) found = of(values[i]!);
  return found;
}
