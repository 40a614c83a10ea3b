/** The plane of codes: points, the density behind them, marks and the cursor. */

import { type Colouring, pixel } from "./colours";
import { h } from "./dom";
import { Gestures } from "./gestures";
import { box, inside, type Outline } from "./lasso";
import { coloursAt, drawMarks, type Joined, type Mark } from "./marks";
import { drawCloud, nearest } from "./points";
import { usualExtent, View } from "./view";

export type Tool = "look" | "box" | "lasso";

export interface PlaneEvents {
  /** The cursor is at these coordinates; `since` is when it was moved. */
  cursor(x: number, y: number, since: number): void;
  pick(row: number): void;
  enclose(rows: number[]): void;
  /** Another part of the plane is shown. */
  moved(): void;
  /** A key that the plane does not handle; returns whether it was used. */
  key(key: string): boolean;
}

/** Pixels within which a click hits a point. */
const REACH = 14;
/** Pixels from the border at which far points are drawn. */
const EDGE = 9;
/** Screen pixels that share one value of the density. */
const COARSE = 6;

export class Plane {
  readonly element: HTMLElement;
  readonly view = new View();
  readonly grid: HTMLCanvasElement = h("canvas", {});
  tool: Tool = "look";
  cursor: readonly [number, number] | null = null;
  marks: readonly Mark[] = [];
  path: readonly Mark[] = [];
  joins: readonly Joined[] = [];
  /** The box or lasso that is being drawn, in pixels. */
  outline: Outline = [];
  private readonly ground = h("canvas", {});
  private readonly points = h("canvas", {});
  private readonly top = h("canvas", {});
  private xs: Float32Array = new Float32Array();
  private ys: Float32Array = new Float32Array();
  /** The few points that lie far outside, which are drawn at the border. */
  far: readonly number[] = [];
  private shades: Uint8Array = new Uint8Array();
  private palette: Uint32Array = new Uint32Array();
  private chosen: Uint8Array | null = null;
  private density: ((x: number, y: number) => number) | null = null;
  private most = 1;
  private image: ImageData | null = null;
  private asked = false;
  private fitted = false;

  constructor(
    name: string,
    readonly events: PlaneEvents,
  ) {
    this.element = h(
      "div",
      {
        class: "plane",
        tabindex: 0,
        role: "application",
        "aria-roledescription": "plane of codes",
        "aria-label": `${name}. Arrow keys move the cursor, plus and minus zoom, Enter picks the nearest point, Escape clears.`,
      },
      this.ground,
      this.points,
      this.grid,
      this.top,
    );
    new Gestures(this);
    new ResizeObserver(() => this.resize()).observe(this.element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  get scale(): number {
    return Math.min(2, window.devicePixelRatio || 1);
  }

  setPoints(xs: Float32Array, ys: Float32Array): void {
    [this.xs, this.ys] = [xs, ys];
    const [[left, right], [bottom, top]] = [usualExtent(xs), usualExtent(ys)];
    const isFar = (row: number): boolean => xs[row]! < left || xs[row]! > right || ys[row]! < bottom || ys[row]! > top;
    this.far = Array.from(xs.keys()).filter(isFar);
    this.fitted = false;
    this.fit();
  }

  setColours({ shades, palette }: Colouring): void {
    this.shades = shades;
    this.palette = Uint32Array.from(palette, pixel);
    this.draw();
  }

  setChosen(rows: readonly number[] | null): void {
    this.chosen = rows && new Uint8Array(this.xs.length);
    rows?.forEach((row) => (this.chosen![row] = 1));
    this.draw();
  }

  /** The density behind the points, and how high it is at the most. */
  setDensity(density: (x: number, y: number) => number, most: number): void {
    [this.density, this.most] = [density, most];
    this.draw();
  }

  /** Coordinates of at most `most` of the points. */
  sampled(most: number): [number, number][] {
    const step = Math.max(1, Math.ceil(this.xs.length / most));
    return Array.from({ length: Math.ceil(this.xs.length / step) }, (_, i) => [this.xs[i * step]!, this.ys[i * step]!]);
  }

  /** Show all points. */
  fit(): void {
    this.fitted = this.element.clientWidth > 0;
    this.view.fit(this.xs, this.ys);
    this.draw();
  }

  /** Show a window of this middle and size, also before the plane knows how many pixels it has. */
  show([x, y, width, height]: readonly [number, number, number, number]): void {
    this.view.fit(this.xs, this.ys);
    Object.assign(this.view, { x, y, sx: this.view.width / width, sy: this.view.height / height });
    this.fitted = true;
    this.draw();
  }

  zoom(factor: number): void {
    this.view.zoomAt(this.view.width / 2, this.view.height / 2, factor);
    this.draw();
  }

  /** Bring a place that lies outside of the window to its middle. */
  reveal(x: number, y: number): void {
    const [px, py] = this.view.toScreen(x, y);
    if (px >= 0 && py >= 0 && px <= this.view.width && py <= this.view.height) return;
    Object.assign(this.view, { x, y });
    this.draw();
  }

  /** The rows that the window shows. */
  visible(): number[] {
    const corners = [this.view.toPlane(0, 0), this.view.toPlane(this.view.width, this.view.height)] as const;
    return inside(box(...corners), this.xs, this.ys);
  }

  /** Draw before the next frame. */
  draw(): void {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      const start = performance.now();
      this.drawGround();
      this.drawPoints();
      this.drawTop();
      performance.measure("narrows:points", { start });
      this.events.moved();
    });
  }

  /** Draw marks and cursor again, which is all that changes while the cursor moves. */
  drawTop(): void {
    const context = this.top.getContext("2d")!;
    context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    drawMarks(context, this.view, coloursAt(this.element), this);
  }

  /** Where the points are drawn: far ones that the window does not show at its border. */
  private placed(): { xs: Float32Array; ys: Float32Array } {
    if (!this.far.length) return { xs: this.xs, ys: this.ys };
    const [xs, ys] = [this.xs.slice(), this.ys.slice()];
    const [left, top] = this.view.toPlane(EDGE, EDGE);
    const [right, bottom] = this.view.toPlane(this.view.width - EDGE, this.view.height - EDGE);
    for (const row of this.far) {
      xs[row] = Math.min(right, Math.max(left, xs[row]!));
      ys[row] = Math.min(top, Math.max(bottom, ys[row]!));
    }
    return { xs, ys };
  }

  private drawPoints(): void {
    const context = this.points.getContext("2d")!;
    const { width, height } = this.points;
    if (this.image?.width !== width || this.image.height !== height) this.image = context.createImageData(width, height);
    const { shades, palette, chosen } = this;
    const { xs, ys } = this.placed();
    if (shades.length < xs.length) return;
    drawCloud(new Uint32Array(this.image.data.buffer), this.view, this.scale, { xs, ys, shades, palette, chosen });
    context.putImageData(this.image, 0, 0);
  }

  private drawGround(): void {
    const context = this.ground.getContext("2d")!;
    const { width, height } = this.ground;
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const colour = pixel(getComputedStyle(this.element).getPropertyValue("--ours").trim()) & 0xffffff;
    for (let row = 0, to = 0; row < height; row++) {
      for (let column = 0; column < width; column++, to++) {
        const [x, y] = this.view.toPlane((column + 0.5) * COARSE, (row + 0.5) * COARSE);
        const share = this.density ? Math.sqrt(this.density(x, y) / this.most) : 0;
        pixels[to] = (colour | (Math.round(70 * Math.min(1, share)) << 24)) >>> 0;
      }
    }
    context.putImageData(image, 0, 0);
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height) return;
    this.view.resize(width, height);
    for (const canvas of [this.points, this.grid, this.top]) {
      canvas.width = Math.round(width * this.scale);
      canvas.height = Math.round(height * this.scale);
    }
    this.ground.width = Math.ceil(width / COARSE);
    this.ground.height = Math.ceil(height / COARSE);
    if (this.fitted) this.draw();
    else this.fit();
  }

  /** Move the cursor; `since` is when that was asked for. */
  point(x: number, y: number, since: number): void {
    this.cursor = [x, y];
    this.events.cursor(x, y, since);
    this.drawTop();
  }

  pan(dx: number, dy: number): void {
    this.view.pan(dx, dy);
    this.draw();
  }

  /** Pick the row nearest to a pixel, if one is within `reach`. */
  pickAt(px: number, py: number, reach = REACH): void {
    const row = this.nearest(px, py, reach);
    if (row >= 0) this.events.pick(row);
  }

  /** Select what lies inside an outline in pixels. */
  enclose(outline: Outline): void {
    const { xs, ys } = this.placed();
    this.events.enclose(inside(outline.map((place) => this.view.toPlane(...place)), xs, ys));
  }

  /** The row nearest to a pixel, -1 if none is within `reach`. */
  nearest(px: number, py: number, reach: number): number {
    const { xs, ys } = this.placed();
    return nearest(this.view, xs, ys, px, py, reach);
  }
}
