/** Both halves of a model, run by onnxruntime in this page, without a server or a thread. */

import type * as Ort from "onnxruntime-web/wasm";
import { type Contents, unpacked } from "./contents";
import { Ends } from "./ends";
import { clip } from "./limits";

export type Real = Float32Array | Float64Array;

/** Rows that are decoded at a time, so that the page stays responsive. */
const BATCH = 16;

/** Whether the page carries the runtime: it does if it has codes to decode. */
export function hasRuntime(): boolean {
  return document.getElementById("ort.mjs.gz") !== null;
}

/** Start the runtime, which the page carries. */
export async function startRuntime(): Promise<typeof Ort> {
  const [script, wasm] = await Promise.all(["ort.mjs.gz", "ort.wasm.gz"].map((name) => unpacked(document.getElementById(name)!)));
  const url = URL.createObjectURL(new Blob([script!], { type: "text/javascript" }));
  const ort = (await import(/* @vite-ignore */ url)) as typeof Ort;
  URL.revokeObjectURL(url);
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = wasm!;
  ort.env.logLevel = "error";
  return ort;
}

export class Model {
  private constructor(
    private readonly ort: typeof Ort,
    private readonly encoder: Ort.InferenceSession,
    private readonly decoder: Ort.InferenceSession,
    private readonly contents: Contents,
    private readonly ends: Ends,
  ) {}

  static async open(ort: typeof Ort, contents: Contents): Promise<Model> {
    const options = { executionProviders: ["wasm"] };
    const open = (name: string): Promise<Ort.InferenceSession> =>
      ort.InferenceSession.create(contents.column(name) as Uint8Array, options);
    return new Model(ort, await open("encoder"), await open("decoder"), contents, new Ends(contents));
  }

  /** Values, one example after the other, of codes one after the other. */
  async decode(codes: Float32Array): Promise<Real> {
    return this.ends.ofCodes(clip(await this.decodeWhole(codes), this.contents.header), codes);
  }

  /** The reconstruction of an example, whose code is given: it may go beyond the range of the training part. */
  async reconstruct(code: Float32Array, example: ArrayLike<number>): Promise<Real> {
    return this.ends.ofExample(await this.decodeWhole(code), example);
  }

  private async decodeWhole(codes: Float32Array): Promise<Real> {
    const { d, size } = this.contents;
    const n = codes.length / d;
    if (n <= BATCH) return this.decodeBatch(codes, n);
    const found = this.values(n * size);
    for (let i = 0; i < n; i += BATCH) {
      const piece = codes.subarray(i * d, Math.min(n, i + BATCH) * d);
      found.set(await this.decodeBatch(piece, piece.length / d), i * size);
      await breathe();
    }
    return found;
  }

  /** The codes of examples one after the other. */
  async encode(values: ArrayLike<number>): Promise<Float32Array> {
    const { shape, precision } = this.contents.header;
    const n = values.length / this.contents.size;
    const given = this.values(values.length);
    given.set(values);
    const found = await this.encoder.run({ values: new this.ort.Tensor(precision, given as never, [n, ...shape]) });
    return found["codes"]!.data as Float32Array;
  }

  private async decodeBatch(codes: Float32Array, n: number): Promise<Real> {
    const { d } = this.contents;
    const found = await this.decoder.run({ codes: new this.ort.Tensor("float32", codes, [n, d]) });
    return found["values"]!.data as Real;
  }

  private values(length: number): Real {
    return this.contents.header.precision === "float64" ? new Float64Array(length) : new Float32Array(length);
  }
}

/** Let the page draw and handle events. */
function breathe(): Promise<void> {
  return new Promise((go) => setTimeout(go));
}
