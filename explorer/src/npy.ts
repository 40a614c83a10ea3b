/** Arrays in the format of NumPy. */

export interface Npy {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

const READERS: Readonly<Record<string, readonly [bytes: number, read: (view: DataView, at: number) => number]>> = {
  f4: [4, (view, at) => view.getFloat32(at, true)],
  f8: [8, (view, at) => view.getFloat64(at, true)],
  i1: [1, (view, at) => view.getInt8(at)],
  u1: [1, (view, at) => view.getUint8(at)],
  b1: [1, (view, at) => view.getUint8(at)],
  i2: [2, (view, at) => view.getInt16(at, true)],
  u2: [2, (view, at) => view.getUint16(at, true)],
  i4: [4, (view, at) => view.getInt32(at, true)],
  u4: [4, (view, at) => view.getUint32(at, true)],
  i8: [8, (view, at) => Number(view.getBigInt64(at, true))],
};

/** Whether a file begins as arrays of NumPy do. */
export function isNpy(buffer: ArrayBuffer): boolean {
  return [...new Uint8Array(buffer.slice(0, 6))].join() === "147,78,85,77,80,89"; // \x93NUMPY
}

/** The array in a file; an error where it has another type, order or length. */
export function readNpy(buffer: ArrayBuffer): Npy {
  const view = new DataView(buffer);
  const [length, start] = view.getUint8(6) > 1 ? [view.getUint32(8, true), 12] : [view.getUint16(8, true), 10];
  const head = new TextDecoder().decode(buffer.slice(start, start + length));
  const type = /'descr':\s*'[<|=](\w\d)'/.exec(head)?.[1] ?? "";
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(head)?.[1] ?? "").split(",").filter((part) => part.trim()).map(Number);
  const reader = READERS[type];
  const size = shape.reduce((a, b) => a * b, 1);
  if (!reader || !/'fortran_order':\s*False/.test(head)) throw new Error("an array of another type or order");
  const [bytes, read] = reader;
  if (start + length + size * bytes > buffer.byteLength) throw new Error("an array that was cut short");
  return { shape, values: Float64Array.from({ length: size }, (_, i) => read(view, start + length + i * bytes)) };
}
