/** A picture of the reader's own as numbers that the encoder takes. */

import type { Contents, Header } from "./contents";
import { layoutOf } from "./samples/images";

/** A colour as grey, as Pillow does it (ITU-R 601). */
export function grey(red: number, green: number, blue: number): number {
  return Math.round((19595 * red + 38470 * green + 7471 * blue) / 65536);
}

/** Colours with alpha, 0 to 255, as an example in the layout and range of the data. */
export function asExample(pixels: ArrayLike<number>, header: Header): Float64Array {
  const { width, height, channels, at } = layoutOf(header.shape, header.axes);
  const [low, high] = header.range;
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

/** The mean squared error of a reconstruction, in the unit that the report counts in. */
export function errorOf(contents: Contents, original: ArrayLike<number>, reconstruction: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < original.length; i++) sum += (original[i]! - reconstruction[i]!) ** 2;
  return sum / original.length / contents.header.span ** 2;
}

export interface Read {
  readonly values: Float64Array;
  /** What was done to it, in words. */
  readonly note: string;
}

/** Read an image file at the size of the data; rejects what the browser cannot read. */
export async function readPicture(file: Blob, header: Header): Promise<Read> {
  const { width, height } = layoutOf(header.shape, header.axes);
  const plain = { colorSpaceConversion: "none", premultiplyAlpha: "none" } as const;
  const whole = await createImageBitmap(file, plain);
  const fits = whole.width === width && whole.height === height;
  const resized = { ...plain, resizeWidth: width, resizeHeight: height, resizeQuality: "high" } as const;
  const bitmap = fits ? whole : await createImageBitmap(whole, resized);
  const context = new OffscreenCanvas(width, height).getContext("2d")!;
  context.drawImage(bitmap, 0, 0);
  const [low, high] = header.range;
  const size = fits ? "" : `Brought from ${whole.width}×${whole.height} to ${width}×${height} pixels. `;
  const range = low === 0 && high === 255 ? "" : `Black was read as ${low}, white as ${high}.`;
  const pixels = context.getImageData(0, 0, width, height).data;
  const clear = pixels.some((value, i) => i % 4 === 3 && value < 255) ? "Transparent parts were read as black. " : "";
  return { values: asExample(pixels, header), note: size + clear + range };
}
