/** The window on the plane: which coordinates lie where on the screen. Upwards is up. */

export class View {
  width = 1;
  height = 1;
  x = 0;
  y = 0;
  /** Pixels per unit. */
  sx = 1;
  sy = 1;
  private least = 0;
  /** The least zoom, at which the furthest points are in the window. */
  private out = 0.2;

  resize(width: number, height: number): void {
    const [fx, fy] = [width / this.width, height / this.height];
    Object.assign(this, { width, height, sx: this.sx * fx, sy: this.sy * fy });
    this.least *= fx;
  }

  /** Show all of `xs` and `ys` but a few far ones, with a margin. */
  fit(xs: ArrayLike<number>, ys: ArrayLike<number>): void {
    const [left, right] = usualExtent(xs);
    const [bottom, top] = usualExtent(ys);
    const share = ([low, high]: [number, number], usual: number): number => usual / (high - low || 1);
    this.out = Math.min(0.2, 0.5 * share(extent(xs), right - left) || 1, 0.5 * share(extent(ys), top - bottom) || 1);
    const margin = 0.9;
    this.x = (left + right) / 2;
    this.y = (bottom + top) / 2;
    this.sx = (margin * this.width) / (right - left || 1);
    this.sy = (margin * this.height) / (top - bottom || 1);
    this.least = this.sx;
  }

  /** How much closer than when everything was shown. */
  get zoom(): number {
    return this.sx / this.least;
  }

  toScreen(x: number, y: number): [number, number] {
    return [(x - this.x) * this.sx + this.width / 2, (this.y - y) * this.sy + this.height / 2];
  }

  toPlane(px: number, py: number): [number, number] {
    return [this.x + (px - this.width / 2) / this.sx, this.y - (py - this.height / 2) / this.sy];
  }

  pan(dx: number, dy: number): void {
    this.x -= dx / this.sx;
    this.y += dy / this.sy;
  }

  /** Come closer by `factor`, the place under the pixel staying where it is. */
  zoomAt(px: number, py: number, factor: number): void {
    const bounded = Math.min(200 / this.zoom, Math.max(this.out / this.zoom, factor));
    const [x, y] = this.toPlane(px, py);
    this.sx *= bounded;
    this.sy *= bounded;
    const [nx, ny] = this.toPlane(px, py);
    this.x += x - nx;
    this.y += y - ny;
  }
}

/** The least and the greatest of `values`; of none `otherwise`. */
export function extent(values: ArrayLike<number>, otherwise: readonly [number, number] = [0, 1]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < low) low = values[i]!;
    if (values[i]! > high) high = values[i]!;
  }
  return low <= high ? [low, high] : [...otherwise];
}

/** The share of the values whose extent decides which are far: those outside of it by more than its length. */
const MIDDLE = 0.95;
/** How many times as long the far values make an axis at least, where they are left out. */
const LONGER = 2;

/** The extent of `values` without a few far ones that would make it much longer, as `usual_range` of `report/ranges.py`. */
export function usualExtent(values: ArrayLike<number>): [number, number] {
  const sorted = Float64Array.from(values).sort();
  const last = sorted.length - 1;
  const low = sorted[Math.ceil(((1 - MIDDLE) / 2) * last)] ?? 0;
  const high = sorted[Math.floor(((1 + MIDDLE) / 2) * last)] ?? 0;
  const near = extent(sorted.filter((value) => value >= 2 * low - high && value <= 2 * high - low));
  const all = extent(sorted);
  return high > low && all[1] - all[0] >= LONGER * (near[1] - near[0]) ? near : all;
}
