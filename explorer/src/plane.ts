/** The plane of codes: points, their density behind them, and what a reader does with pointer and keys. */

import { type Colouring, pixel } from "./colours";
import { h } from "./dom";
import { box, inside, type Outline } from "./lasso";
import { drawCloud, nearest } from "./points";
import { View } from "./view";

export type Tool = "look" | "box" | "lasso";

export interface Mark {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

export interface PlaneEvents {
  /** The cursor is at these coordinates; `since` is when the reader moved it. */
  cursor(x: number, y: number, since: number): void;
  pick(row: number): void;
  enclose(rows: number[]): void;
  /** Another part of the plane is shown. */
  moved(): void;
  /** A key that the plane itself has no use for. */
  key(key: string): boolean;
}

/** Pixels that a pointer may wander before a click is a drag. */
const STILL = 4;
/** Pixels within which a point is hit, and within which keys find one. */
const REACH = 14;
export const NEAR = 40;
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
  private readonly ground = h("canvas", {});
  private readonly points = h("canvas", {});
  private readonly top = h("canvas", {});
  private xs: Float32Array = new Float32Array();
  private ys: Float32Array = new Float32Array();
  private shades: Uint8Array = new Uint8Array();
  private palette: Uint32Array = new Uint32Array();
  private chosen: Uint8Array | null = null;
  private density: ((x: number, y: number) => number) | null = null;
  private most = 1;
  private image: ImageData | null = null;
  private outline: [number, number][] = [];
  private readonly pointers = new Map<number, [number, number]>();
  private wandered = 0;
  private asked = false;
  private fitted = false;

  constructor(
    name: string,
    private readonly events: PlaneEvents,
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
    this.listen();
    new ResizeObserver(() => this.resize()).observe(this.element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  get scale(): number {
    return Math.min(2, window.devicePixelRatio || 1);
  }

  setPoints(xs: Float32Array, ys: Float32Array): void {
    [this.xs, this.ys] = [xs, ys];
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

  /** Draw the marks and the cursor anew, which is all that changes while a reader only looks. */
  drawTop(): void {
    const context = this.top.getContext("2d")!;
    const colours = getComputedStyle(this.element);
    const [ink, paper] = [colours.getPropertyValue("--ink"), colours.getPropertyValue("--card")];
    context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    context.clearRect(0, 0, this.view.width, this.view.height);
    this.stroke(context, this.path.map(({ x, y }) => this.view.toScreen(x, y)), ink);
    this.stroke(context, this.outline, ink);
    for (const { x, y, text } of this.marks) this.drawMark(context, this.view.toScreen(x, y), text, ink, paper);
    if (this.cursor) {
      const [x, y] = this.view.toScreen(...this.cursor);
      for (const [width, colour] of [[4, paper], [1.8, ink]] as const) {
        context.beginPath();
        context.arc(x, y, 8, 0, 2 * Math.PI);
        Object.assign(context, { lineWidth: width, strokeStyle: colour }).stroke();
      }
    }
  }

  private drawMark(context: CanvasRenderingContext2D, at: [number, number], text: string, ink: string, paper: string): void {
    context.beginPath();
    context.arc(...at, 10, 0, 2 * Math.PI);
    Object.assign(context, { fillStyle: ink, strokeStyle: paper, lineWidth: 2 });
    context.fill();
    context.stroke();
    Object.assign(context, { fillStyle: paper, font: "600 12px system-ui, sans-serif", textAlign: "center", textBaseline: "middle" });
    context.fillText(text, at[0], at[1] + 0.5);
  }

  private stroke(context: CanvasRenderingContext2D, places: readonly (readonly [number, number])[], ink: string): void {
    if (places.length < 2) return;
    context.beginPath();
    places.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    Object.assign(context, { lineWidth: 1.6, strokeStyle: ink });
    context.setLineDash([5, 4]);
    context.stroke();
    context.setLineDash([]);
  }

  private drawPoints(): void {
    const context = this.points.getContext("2d")!;
    const { width, height } = this.points;
    if (this.image?.width !== width || this.image.height !== height) this.image = context.createImageData(width, height);
    const { xs, ys, shades, palette, chosen } = this;
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

  private listen(): void {
    const { element } = this;
    element.addEventListener("pointerdown", (event) => this.down(event));
    element.addEventListener("pointermove", (event) => this.move(event));
    // A browser that has it says at once what pointermove says with the next frame: the picture is then ready for it.
    element.addEventListener("pointerrawupdate", (event) => this.hover(event as PointerEvent));
    element.addEventListener("pointerup", (event) => this.up(event));
    element.addEventListener("pointercancel", (event) => this.pointers.delete(event.pointerId));
    element.addEventListener("keydown", (event) => this.press(event));
    element.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  private placeOf(event: MouseEvent): [number, number] {
    const { left, top } = this.element.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  private down(event: PointerEvent): void {
    this.element.setPointerCapture(event.pointerId);
    const place = this.placeOf(event);
    this.pointers.set(event.pointerId, place);
    this.wandered = 0;
    this.outline = this.tool === "look" || this.pointers.size > 1 ? [] : [place];
    this.hover(event);
  }

  private move(event: PointerEvent): void {
    const place = this.placeOf(event);
    const before = this.pointers.get(event.pointerId);
    if (before) {
      const step = [place[0] - before[0], place[1] - before[1]] as const;
      this.wandered += Math.hypot(...step);
      if (this.pointers.size === 2) this.pinch(event.pointerId, place);
      else if (this.outline.length) this.surround(place);
      else if (event.pointerType === "mouse" && this.wandered > STILL) this.pan(...step);
      this.pointers.set(event.pointerId, place);
    }
    this.hover(event);
  }

  private hover(event: PointerEvent): void {
    if (this.tool !== "look" || this.pointers.size > 1) return;
    const [x, y] = this.view.toPlane(...this.placeOf(event));
    if (this.cursor?.[0] !== x || this.cursor[1] !== y) this.point(x, y, event.timeStamp);
  }

  private up(event: PointerEvent): void {
    if (!this.pointers.delete(event.pointerId)) return;
    const outline = this.tool === "box" && this.outline.length > 2 ? box(this.outline[0]!, this.outline[2]!) : this.outline;
    if (this.tool !== "look" && this.wandered > STILL) {
      if (outline.length > 2) this.enclose(outline);
    }
    else if (this.wandered <= STILL && event.button === 0) this.pickAt(...this.placeOf(event));
    this.outline = [];
    this.drawTop();
  }

  private pan(dx: number, dy: number): void {
    this.view.pan(dx, dy);
    this.draw();
  }

  private pinch(id: number, place: [number, number]): void {
    const [other] = [...this.pointers].filter(([key]) => key !== id).map(([, at]) => at);
    const before = this.pointers.get(id)!;
    const apart = (at: [number, number]): number => Math.hypot(at[0] - other![0], at[1] - other![1]);
    const middle = [(place[0] + other![0]) / 2, (place[1] + other![1]) / 2] as const;
    this.view.pan((place[0] - before[0]) / 2, (place[1] - before[1]) / 2);
    this.view.zoomAt(...middle, apart(place) / Math.max(1, apart(before)));
    this.draw();
  }

  private surround(place: [number, number]): void {
    const first = this.outline[0]!;
    this.outline = this.tool === "box" ? box(first, place).map(([x, y]) => [x, y]) : [...this.outline, place];
    this.drawTop();
  }

  private enclose(outline: Outline): void {
    this.events.enclose(inside(outline.map((place) => this.view.toPlane(...place)), this.xs, this.ys));
  }

  private point(x: number, y: number, since: number): void {
    this.cursor = [x, y];
    this.events.cursor(x, y, since);
    this.drawTop();
  }

  private pickAt(px: number, py: number, reach = REACH): void {
    const row = this.nearest(px, py, reach);
    if (row >= 0) this.events.pick(row);
  }

  /** The row nearest to a pixel, -1 if none is within `reach`. */
  nearest(px: number, py: number, reach: number): number {
    return nearest(this.view, this.xs, this.ys, px, py, reach);
  }

  private wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== this.element) return;
    event.preventDefault();
    this.view.zoomAt(...this.placeOf(event), Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)));
    this.draw();
  }

  private press(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const arrows: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const arrow = arrows[event.key];
    const zoom = { "+": 1.25, "=": 1.25, "-": 0.8 }[event.key];
    const { width, height } = this.view;
    if (arrow) {
      const step = event.shiftKey ? 0.1 : 0.01;
      const [x, y] = this.view.toScreen(...(this.cursor ?? [this.view.x, this.view.y]));
      const place = [clamp(x + arrow[0] * step * width, width), clamp(y + arrow[1] * step * height, height)] as const;
      this.point(...this.view.toPlane(...place), event.timeStamp);
    } else if (zoom) this.zoom(zoom);
    else if (event.key === "0") this.fit();
    else if (event.key === "Enter" && this.cursor) this.pickAt(...this.view.toScreen(...this.cursor), NEAR);
    else if (!this.events.key(event.key)) return;
    event.preventDefault();
  }
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}
