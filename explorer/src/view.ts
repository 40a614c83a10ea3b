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

  resize(width: number, height: number): void {
    const [fx, fy] = [width / this.width, height / this.height];
    Object.assign(this, { width, height, sx: this.sx * fx, sy: this.sy * fy });
    this.least *= fx;
  }

  /** Show all of `xs` and `ys`, with a margin. */
  fit(xs: ArrayLike<number>, ys: ArrayLike<number>): void {
    const [left, right] = extent(xs);
    const [bottom, top] = extent(ys);
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
    const bounded = Math.min(200 / this.zoom, Math.max(0.2 / this.zoom, factor));
    const [x, y] = this.toPlane(px, py);
    this.sx *= bounded;
    this.sy *= bounded;
    const [nx, ny] = this.toPlane(px, py);
    this.x += x - nx;
    this.y += y - ny;
  }
}

/** The least and the greatest of `values`; 0 and 1 of none. */
export function extent(values: ArrayLike<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < low) low = values[i]!;
    if (values[i]! > high) high = values[i]!;
  }
  return low <= high ? [low, high] : [0, 1];
}
