/** The picture of a scan: its places in the colours of the plane, in which places are picked and selected. */

import { type Colouring, pixel } from "../colours";
import type { Contents, Scan } from "../contents";
import { h, inPrint } from "../dom";
import { codeFrame, coordinates, principalFrame } from "../frame";
import { box, inside, type Outline } from "../lasso";
import type { Tool } from "../plane";
import type { Quantity } from "../samples/kind";
import type { Space } from "../space";

/** Pixels that a pointer may move before a click is a drag. */
const STILL = 4;
/** Coordinates of codes by which places can be coloured, at most of each kind. */
const OFFERED = 8;
/** Places whose mean signal is computed, at most. */
const AVERAGED = 192;
/** The share of the width that a scale bar has at the most. */
const BAR = 0.25;

export interface ScanEvents {
  enclose(rows: number[]): void;
  pick(row: number): void;
}

/** The coordinates of the codes, by which places are coloured: principal directions, then latent dimensions. */
export function coordinatesOf(contents: Contents): Quantity[] {
  const frames = contents.d > 1 ? [principalFrame(contents), codeFrame(contents.d)] : [codeFrame(1)];
  return frames.flatMap((frame) =>
    frame.directions.slice(0, OFFERED).map((_, k) => {
      const values = coordinates(frame, k, contents.codes);
      return { name: frame.labels[k]!, words: [], classes: false, text: inPrint, of: (_original, row) => values[row]! };
    }),
  );
}

/** The mean signal of places: of their reconstructions, and of the originals of held-out ones. */
export async function meanSignal({ contents, kind, model }: Space, rows: readonly number[]): Promise<HTMLElement> {
  const step = Math.max(1, Math.ceil(rows.length / AVERAGED));
  const some = rows.filter((_, i) => i % step === 0);
  const codes = new Float32Array(some.length * contents.d);
  some.forEach((row, i) => codes.set(contents.code(row), i * contents.d));
  const decoded = await model.decode(codes);
  const made = mean(some.map((_, i) => decoded.subarray(i * contents.size, (i + 1) * contents.size)), contents.size)!;
  const known = rows.map((row) => contents.original(row)).filter((values) => values !== null);
  const comparing = kind.comparing();
  comparing.show(mean(known, contents.size), made);
  const of = [
    step > 1 ? `Reconstructions of ${some.length} of the places.` : "Reconstructions of all places.",
    known.length ? `Originals of the ${known.length.toLocaleString("en")} that this page carries.` : "This page carries none of their originals.",
  ];
  return h("div", {}, comparing.element, h("p", { class: "note" }, of.join(" ")));
}

/** The mean of values one by one; null of none. */
export function mean(several: readonly ArrayLike<number>[], size: number): Float64Array | null {
  if (!several.length) return null;
  const sums = new Float64Array(size);
  for (const values of several) for (let i = 0; i < size; i++) sums[i]! += values[i]!;
  return sums.map((sum) => sum / several.length);
}

/** The largest of 1, 2 and 5 times a power of ten that is at most `most`. */
export function roundLength(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return [5, 2, 1].map((factor) => factor * power).find((length) => length <= most * (1 + 1e-9))!;
}

export class ScanPicture {
  readonly element: HTMLElement;
  tool: Tool = "look";
  private readonly picture = h("canvas", { class: "scan-places" });
  private readonly top = h("canvas", { class: "scan-top" });
  private readonly frame = h("div", {
    class: "scan",
    role: "img",
    "aria-label": "the scan, each place in the colour of its point on the plane",
  });
  private colours: Colouring | null = null;
  private chosen: ReadonlySet<number> | null = null;
  private picked: readonly number[] = [];
  private outline: Outline = [];
  private wandered = 0;
  private readonly xs: Float32Array;
  private readonly ys: Float32Array;

  constructor(
    private readonly scan: Scan,
    private readonly events: ScanEvents,
  ) {
    const { width, height } = scan;
    Object.assign(this.picture, { width, height });
    this.frame.style.aspectRatio = `${width} / ${height}`;
    this.frame.append(this.picture, this.top);
    this.xs = Float32Array.from({ length: width * height }, (_, row) => (row % width) + 0.5);
    this.ys = Float32Array.from({ length: width * height }, (_, row) => Math.floor(row / width) + 0.5);
    const hint = "Click a place to pick it; with the box or the lasso select places here or on the plane: both show the selection.";
    this.element = h("section", { class: "scan-section" }, h("h3", {}, "The scan"), this.frame, h("p", { class: "note" }, hint));
    this.listen();
    new ResizeObserver(() => this.resize()).observe(this.frame);
  }

  setColours(found: Colouring): void {
    this.colours = found;
    this.draw();
  }

  setChosen(selected: readonly number[] | null, picked: readonly number[]): void {
    this.chosen = selected && new Set(selected);
    this.picked = picked;
    this.draw();
  }

  private listen(): void {
    const { frame } = this;
    frame.addEventListener("pointerdown", (event) => {
      frame.setPointerCapture(event.pointerId);
      this.wandered = 0;
      this.outline = [this.placeOf(event)];
    });
    frame.addEventListener("pointermove", (event) => this.move(event));
    frame.addEventListener("pointerup", (event) => this.up(event));
  }

  /** Column and line under a pointer. */
  private placeOf(event: MouseEvent): readonly [number, number] {
    const { left, top, width, height } = this.frame.getBoundingClientRect();
    return [((event.clientX - left) / width) * this.scan.width, ((event.clientY - top) / height) * this.scan.height];
  }

  private move(event: PointerEvent): void {
    if (!this.outline.length) return;
    this.wandered += Math.hypot(event.movementX, event.movementY);
    const place = this.placeOf(event);
    this.outline = this.tool === "lasso" ? [...this.outline, place] : box(this.outline[0]!, place);
    this.drawTop();
  }

  private up(event: PointerEvent): void {
    const drawn = this.outline;
    this.outline = [];
    if (this.wandered > STILL) this.events.enclose(inside(drawn, this.xs, this.ys));
    else this.events.pick(this.rowAt(this.placeOf(event)));
    this.drawTop();
  }

  private rowAt([x, y]: readonly [number, number]): number {
    const within = (value: number, size: number): number => Math.min(size - 1, Math.max(0, Math.floor(value)));
    return within(y, this.scan.height) * this.scan.width + within(x, this.scan.width);
  }

  private draw(): void {
    const { width, height } = this.scan;
    if (!this.colours) return;
    const context = this.picture.getContext("2d")!;
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const palette = Uint32Array.from(this.colours.palette, pixel);
    const faint = (colour: number): number => ((colour & 0xffffff) | (0x38 << 24)) >>> 0;
    for (let row = 0; row < pixels.length; row++) {
      const colour = palette[this.colours.shades[row]!]!;
      pixels[row] = this.chosen && !this.chosen.has(row) ? faint(colour) : colour;
    }
    context.putImageData(image, 0, 0);
    this.drawTop();
  }

  private resize(): void {
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    Object.assign(this.top, { width: this.frame.clientWidth * ratio, height: this.frame.clientHeight * ratio });
    this.drawTop();
  }

  /** The outline that is being drawn, the places that are picked, and a scale bar. */
  private drawTop(): void {
    const context = this.top.getContext("2d")!;
    const { width, height } = this.top;
    const [sx, sy] = [width / this.scan.width, height / this.scan.height];
    context.clearRect(0, 0, width, height);
    Object.assign(context, { strokeStyle: "white", lineWidth: 2, shadowColor: "black", shadowBlur: 3 });
    context.beginPath();
    this.outline.forEach(([x, y], i) => (i ? context.lineTo(x * sx, y * sy) : context.moveTo(x * sx, y * sy)));
    context.closePath();
    context.stroke();
    for (const row of this.picked) {
      context.beginPath();
      context.arc(this.xs[row]! * sx, this.ys[row]! * sy, Math.max(6, sx), 0, 2 * Math.PI);
      context.stroke();
    }
    this.drawBar(context, sx, height);
  }

  private drawBar(context: CanvasRenderingContext2D, sx: number, height: number): void {
    const { scale, unit, width } = this.scan;
    const step = scale || 1;
    const length = roundLength(BAR * width * step);
    const [x, y, size] = [0.04 * width * sx, 0.94 * height, Math.max(11, height / 28)];
    Object.assign(context, { fillStyle: "white", font: `${size}px sans-serif`, textAlign: "center" });
    context.fillRect(x, y, (length / step) * sx, Math.max(3, height / 110));
    context.fillText(`${inPrint(length)} ${scale ? unit : "px"}`, x + ((length / step) * sx) / 2, y - 5);
  }
}
