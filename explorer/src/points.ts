/** Points drawn pixel by pixel, without WebGL: 300,000 of them in a frame. */

import type { View } from "./view";

/** One number per pixel, as ImageData has it in memory on all current machines: alpha, blue, green, red. */
export type Pixels = Uint32Array;

export interface Cloud {
  readonly xs: Float32Array;
  readonly ys: Float32Array;
  /** Of each point its place in the palette. */
  readonly shades: Uint8Array;
  readonly palette: Uint32Array;
  /** Of each point 1 if it stands out; null when all do. */
  readonly chosen: Uint8Array | null;
}

/** The radius of points in pixels, smaller where they are many. */
export function radiusFor(n: number, scale: number): number {
  return scale * Math.min(5, Math.max(0.8, 18 / n ** 0.25));
}

interface Stamp {
  readonly side: number;
  /** How much of each pixel is covered, 0 to 255. */
  readonly cover: Uint8Array;
}

/** A disc: with soft edges, or of whole pixels where it is fully opaque, as is drawn much faster. */
export function stampOf(radius: number, strength: number): Stamp {
  const side = Math.max(2, Math.ceil(2 * radius));
  const middle = (side - 1) / 2;
  const cover = Uint8Array.from({ length: side * side }, (_, i) => {
    const distance = Math.hypot((i % side) - middle, Math.floor(i / side) - middle);
    const share = Math.min(1, Math.max(0, radius + 0.5 - distance));
    return 255 * (strength < 1 ? strength * share : Math.round(share));
  });
  return { side, cover };
}

/** Draw all of `cloud` over `pixels`, those that stand out last. */
export function drawCloud(pixels: Pixels, view: View, scale: number, cloud: Cloud): void {
  pixels.fill(0);
  const radius = radiusFor(cloud.xs.length, scale * Math.min(1, Math.max(0.6, view.width / 800)));
  const strength = cloud.xs.length > 20_000 ? 1 : 0.8;
  if (!cloud.chosen) return drawSome(pixels, view, scale, cloud, stampOf(radius, strength), -1);
  drawSome(pixels, view, scale, cloud, stampOf(radius, 0.14), 0);
  drawSome(pixels, view, scale, cloud, stampOf(1.15 * radius, strength), 1);
}

/** Draw the points whose `chosen` is `wanted`; -1 draws all. */
function drawSome(pixels: Pixels, view: View, scale: number, cloud: Cloud, stamp: Stamp, wanted: number): void {
  const { xs, ys, shades, palette, chosen } = cloud;
  const [width, height] = [Math.round(view.width * scale), Math.round(view.height * scale)];
  const [sx, sy] = [view.sx * scale, -view.sy * scale];
  const [ox, oy] = [width / 2 - view.x * sx, height / 2 - view.y * sy];
  const { side, cover } = stamp;
  const half = side / 2;
  for (let i = 0; i < xs.length; i++) {
    if (wanted >= 0 && chosen![i] !== wanted) continue;
    const left = Math.round(ox + xs[i]! * sx - half);
    const top = Math.round(oy + ys[i]! * sy - half);
    if (left < 0 || top < 0 || left + side > width || top + side > height) continue;
    const colour = palette[shades[i]!]!;
    for (let r = 0, c = 0; r < side; r++) {
      let at = (top + r) * width + left;
      for (let k = 0; k < side; k++, c++, at++) {
        const covered = cover[c]!;
        if (covered === 255) pixels[at] = colour;
        else if (covered) pixels[at] = over(pixels[at]!, colour, covered);
      }
    }
  }
}

/** `colour`, covering `covered` of 255, over the pixel `below`. */
export function over(below: number, colour: number, covered: number): number {
  const under = below >>> 24;
  const left = (under * (255 - covered)) / 255;
  const alpha = covered + left;
  const mix = (shift: number): number =>
    Math.round((((colour >>> shift) & 255) * covered + ((below >>> shift) & 255) * left) / alpha) << shift;
  return ((Math.round(alpha) << 24) | mix(16) | mix(8) | mix(0)) >>> 0;
}

/** The number of the point nearest to a pixel, if one is within `reach` pixels; else -1. */
export function nearest(view: View, xs: Float32Array, ys: Float32Array, px: number, py: number, reach: number): number {
  const [x, y] = view.toPlane(px, py);
  let best = reach * reach;
  let found = -1;
  for (let i = 0; i < xs.length; i++) {
    const dx = (xs[i]! - x) * view.sx;
    const dy = (ys[i]! - y) * view.sy;
    const distance = dx * dx + dy * dy;
    if (distance < best) [best, found] = [distance, i];
  }
  return found;
}
