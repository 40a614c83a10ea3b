/** Images: pixels on the screen, grey or in colours; differences in blue and orange; image files of the user. */

import type { Header } from "../contents";
import { h } from "../dom";
import { type Box, type Comparing, type Files, Kind, type Read, type Showing, type Values } from "./kind";

/** The longer side up to which pixels are shown as squares. */
const SMALL = 64;

/** What the page carries to draw images. */
export interface Sample {
  readonly axes: "HW" | "HWC" | "CHW";
  /** The values that are black and white. */
  readonly range: Range;
}

type Range = readonly [low: number, high: number];

/** The size of an image, and where the value at a row, a column and a channel lies. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly at: (y: number, x: number, c: number) => number;
}

export function layoutOf(shape: readonly number[], axes: Sample["axes"]): Layout {
  if (axes === "CHW") {
    const [channels, height, width] = shape as [number, number, number];
    return { width, height, channels, at: (y, x, c) => (c * height + y) * width + x };
  }
  const [height, width, channels = 1] = shape as [number, number, number?];
  return { width, height, channels, at: (y, x, c) => (y * width + x) * channels + c };
}

/** An image as bytes for the screen: one channel is grey, of two the mean, of more the first three. */
export function coloursOf(values: Values, layout: Layout, [low, high]: Range): ImageData {
  const { width, height, channels, at } = layout;
  const image = new ImageData(width, height);
  const factor = 255 / (high - low || 1);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 4) {
      for (let c = 0; c < 3; c++) {
        const value =
          channels === 2
            ? (values[at(y, x, 0)]! + values[at(y, x, 1)]!) / 2
            : values[at(y, x, channels === 1 ? 0 : c)]!;
        image.data[to + c] = (value - low) * factor;
      }
      image.data[to + 3] = 255;
    }
  }
  return image;
}

/** Where `b` is brighter than `a` orange, where it is darker blue; as strong as the difference. */
export function differenceOf(a: Values, b: Values, layout: Layout, [low, high]: Range): ImageData {
  const { width, height, channels, at } = layout;
  const image = new ImageData(width, height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 4) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += b[at(y, x, c)]! - a[at(y, x, c)]!;
      const share = Math.max(-1, Math.min(1, (2 * sum) / channels / (high - low || 1)));
      const ends = share > 0 ? [230, 120, 0] : [0, 114, 200];
      ends.forEach((end, c) => (image.data[to + c] = 250 + Math.abs(share) * (end - 250)));
      image.data[to + 3] = 255;
    }
  }
  return image;
}

export class Images extends Kind {
  readonly ratio: number;
  override readonly files: Files = {
    title: "Your own image",
    accept: "image/*",
    wanted: "a PNG, JPEG or WebP image",
    read: (file) => readImage(file, this.layout, this.range),
  };
  private readonly layout: Layout;
  private readonly range: Range;
  private readonly small: boolean;
  private readonly stencil: HTMLCanvasElement;

  constructor(header: Header) {
    super(header);
    const { axes, range } = header.sample as Sample;
    this.layout = layoutOf(header.shape, axes);
    this.range = range;
    const { width, height } = this.layout;
    this.ratio = width / height;
    this.small = Math.max(width, height) <= SMALL;
    this.stencil = h("canvas", { width, height });
  }

  paint(context: CanvasRenderingContext2D, box: Box, values: Values): void {
    this.stencil.getContext("2d")!.putImageData(coloursOf(values, this.layout, this.range), 0, 0);
    context.imageSmoothingEnabled = !this.small;
    context.drawImage(this.stencil, box.x, box.y, box.width, box.height);
  }

  override showing(name: string): Showing {
    const canvas = this.canvas(name);
    const context = canvas.getContext("2d")!;
    return {
      element: canvas,
      show: (values, strength = 1) => {
        context.putImageData(coloursOf(values, this.layout, this.range), 0, 0);
        canvas.style.opacity = String(strength);
      },
    };
  }

  override comparing(): Comparing {
    const names = ["original", "reconstruction", "difference"];
    const canvases = names.map((name) => this.canvas(name));
    const figures = canvases.map((canvas, i) => h("figure", {}, canvas, h("figcaption", {}, names[i]!)));
    const key = h("p", { class: "note" }, "Orange: the reconstruction is brighter. Blue: darker.");
    const put = (i: number, image: ImageData): void => canvases[i]!.getContext("2d")!.putImageData(image, 0, 0);
    return {
      element: h("div", { class: "comparing" }, ...figures, key),
      show: (original, reconstruction) => {
        figures.forEach((figure, i) => (figure.hidden = i !== 1 && !original));
        put(1, coloursOf(reconstruction, this.layout, this.range));
        key.hidden = !original;
        if (!original) return;
        put(0, coloursOf(original, this.layout, this.range));
        put(2, differenceOf(original, reconstruction, this.layout, this.range));
      },
    };
  }

  private canvas(name: string): HTMLCanvasElement {
    const { width, height } = this.layout;
    const shown = { width, height, class: this.small ? "sample pixels" : "sample", role: "img", "aria-label": name };
    const canvas = h("canvas", shown);
    canvas.style.width = `min(100%, ${21 * Math.min(1, this.ratio)}rem)`;
    return canvas;
  }
}

/** A colour as grey, as Pillow does it (ITU-R 601). */
export function grey(red: number, green: number, blue: number): number {
  return Math.round((19595 * red + 38470 * green + 7471 * blue) / 65536);
}

/** Colours with alpha, 0 to 255, as an example in the layout and range of the data. */
export function asExample(pixels: Values, { width, height, channels, at }: Layout, [low, high]: Range): Float64Array {
  const values = new Float64Array(width * height * channels);
  for (let y = 0, from = 0; y < height; y++) {
    for (let x = 0; x < width; x++, from += 4) {
      const [red, green, blue] = [pixels[from]!, pixels[from + 1]!, pixels[from + 2]!];
      for (let c = 0; c < channels; c++) {
        const byte = channels < 3 ? grey(red, green, blue) : (pixels[from + c] ?? 255);
        values[at(y, x, c)] = low + (byte / 255) * (high - low);
      }
    }
  }
  return values;
}

/** Read an image file at the size of the data; rejects what the browser cannot read. */
async function readImage(file: Blob, layout: Layout, range: Range): Promise<Read> {
  const { width, height } = layout;
  const plain = { colorSpaceConversion: "none", premultiplyAlpha: "none" } as const;
  const whole = await createImageBitmap(file, plain);
  const fits = whole.width === width && whole.height === height;
  const resized = { ...plain, resizeWidth: width, resizeHeight: height, resizeQuality: "high" } as const;
  const bitmap = fits ? whole : await createImageBitmap(whole, resized);
  const context = new OffscreenCanvas(width, height).getContext("2d")!;
  context.drawImage(bitmap, 0, 0);
  const pixels = context.getImageData(0, 0, width, height).data;
  const notes = [
    fits ? "" : `Resized from ${whole.width}×${whole.height} to ${width}×${height} pixels.`,
    pixels.some((value, i) => i % 4 === 3 && value < 255) ? "Transparent parts were read as black." : "",
    range[0] === 0 && range[1] === 255 ? "" : `Black was read as ${range[0]}, white as ${range[1]}.`,
  ];
  return { values: asExample(pixels, layout, range), note: notes.filter(Boolean).join(" ") };
}
