/** Decodes what the cursor is at: the newest place only, while the model is busy with another. */

import type { Model, Real } from "./model";

export class Decoding {
  /** What was decoded last. */
  shown: { code: Float32Array; values: Real } | null = null;
  model: Model | null = null;
  private wanted: { x: number; y: number; since: number } | null = null;
  private busy = false;

  constructor(
    private readonly codeAt: (x: number, y: number) => Float32Array,
    private readonly onDecoded: (code: Float32Array, values: Real) => void,
    private readonly onRest: () => void,
  ) {}

  /** Decode a place; `since` is when the cursor got there. */
  async look(x: number, y: number, since = performance.now()): Promise<void> {
    this.wanted = { x, y, since };
    if (this.busy || !this.model) return;
    this.busy = true;
    while (this.wanted) {
      const { x, y, since } = this.wanted;
      this.wanted = null;
      const code = this.codeAt(x, y);
      const values = await this.model.decode(code);
      this.shown = { code, values };
      this.onDecoded(code, values);
      performance.measure("narrows:picture", { start: since });
    }
    this.busy = false;
    this.onRest();
  }
}
