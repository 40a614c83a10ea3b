/** The two directions that the plane shows, or the one where a code has one dimension only. */

import type { Contents } from "./contents";
import { coordinate, coordinates, type Frame, moved } from "./frame";

export interface Axes {
  readonly frame: Frame;
  readonly x: number;
  /** -1 where a code has one dimension only. */
  readonly y: number;
}

/** The code at a place of the plane through `base`. */
export function codeAt({ frame, x: u, y: v }: Axes, base: Float32Array, x: number, y: number): Float32Array {
  const code = moved(frame, u, base, x);
  return v < 0 ? code : moved(frame, v, code, y);
}

/** Where a code lies on the plane; of one dimension in the middle of the window's height. */
export function onPlane({ frame, x, y }: Axes, code: Float32Array): [number, number] {
  return [coordinate(frame, x, code), y < 0 ? 0 : coordinate(frame, y, code)];
}

/** Where the code of a row lies on the plane. */
export function placeOf(axes: Axes, contents: Contents, row: number): [number, number] {
  const [x, y] = onPlane(axes, contents.code(row));
  return [x, axes.y < 0 ? jitter(row) : y];
}

/** Where the codes of all rows lie on the plane. */
export function placesOf({ frame, x, y }: Axes, { codes, n }: Contents): [Float32Array, Float32Array] {
  const ys = y < 0 ? Float32Array.from({ length: n }, (_, row) => jitter(row)) : coordinates(frame, y, codes);
  return [coordinates(frame, x, codes), ys];
}

/** The axes that a link asks for, as far as they exist; else the first two. */
export function axesIn(frame: Frame, x: number, y: number, d: number): Axes {
  const known = (k: number): boolean => k in frame.directions;
  const across = known(x) ? x : 0;
  return { frame, x: across, y: d === 1 ? -1 : known(y) && y !== across ? y : Number(across === 0) };
}

/** The height of a point where there is one latent dimension only: spread out, the same each time. */
function jitter(row: number): number {
  return (((row + 1) * 0.6180339887498949) % 1) * 2 - 1;
}
