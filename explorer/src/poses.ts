/** How images lie, of a run that finds it: colours of points, and decoded images turned back. */

import type { Contents } from "./contents";
import { layoutOf, type Sample } from "./samples/images";
import type { Quantity, Values } from "./samples/kind";

/** What the numbers of a pose are called. */
const NAMES: Readonly<Record<string, string>> = {
  angle: "angle (degrees)",
  shift_x: "shift along x (pixels)",
  shift_y: "shift along y (pixels)",
};

/** The numbers of the pose, by which points can be coloured. */
export function posesOf(contents: Contents): Quantity[] {
  const { pose_names: names } = contents.header;
  if (!contents.poses.length) return [];
  return names.map((name, j) => {
    const of = (_: Values | null, row: number): number => contents.poses[row * names.length + j]!;
    return { name: NAMES[name] ?? name, words: [], classes: false, of };
  });
}

/** An upright image, shifted, scaled and turned as the image of a row lies; its outermost pixels are repeated. */
export function placed(upright: Values, contents: Contents, row: number): Float32Array {
  const { shape, sample, pose_names: names } = contents.header;
  const { width, height, channels, at } = layoutOf(shape, (sample as Sample).axes);
  const number = (name: string, usual: number): number => {
    const j = names.indexOf(name);
    return j < 0 ? usual : contents.poses[row * names.length + j]!;
  };
  const [angle, scale] = [(number("angle", 0) * Math.PI) / 180, number("scale", 1)];
  const [right, down] = [(width - 1) / 2, (height - 1) / 2];
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const found = new Float32Array(upright.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x - right - number("shift_x", 0), y - down - number("shift_y", 0)];
      const [u, v] = [within(right + cos * dx + sin * dy, width), within(down + cos * dy - sin * dx, height)];
      const [i, j] = [Math.min(width - 2, Math.floor(u)), Math.min(height - 2, Math.floor(v))];
      const [a, b] = [u - i, v - j];
      for (let c = 0; c < channels; c++) {
        const above = (1 - a) * upright[at(j, i, c)]! + a * upright[at(j, i + 1, c)]!;
        const below = (1 - a) * upright[at(j + 1, i, c)]! + a * upright[at(j + 1, i + 1, c)]!;
        found[at(y, x, c)] = (1 - b) * above + b * below;
      }
    }
  }
  return found;
}

function within(place: number, length: number): number {
  return Math.min(length - 1, Math.max(0, place));
}
