/** The side of a plane whose codes a model decodes to examples. */

import type { Contents } from "../contents";
import type { Density } from "../density";
import { posesOf } from "../poses";
import type { Kind, Quantity } from "../samples/kind";
import type { Here, Side } from "../side";
import type { Space } from "../space";
import { arithmeticPanel } from "./arithmetic";
import { coordinatesOf } from "./scan";
import { foot } from "./foot";
import { pathPanel } from "./path";
import { pointPanel } from "./point";
import { selectionPanel } from "./selection";
import { UnderCursor } from "./under";

export class Decoded implements Side {
  readonly quantities: readonly Quantity[];
  readonly under: UnderCursor;
  readonly hint = "Click a point to compare the original with its reconstruction; two points give a path, three give A − B + C.";
  readonly most = 3;
  readonly foot: string;
  /** null until there is a model. */
  space: Space | null = null;

  constructor(
    readonly contents: Contents,
    readonly kind: Kind,
    readonly density: Density,
    private readonly here: Here,
  ) {
    this.quantities = contents.header.scan ? coordinatesOf(contents) : [...kind.quantities, ...posesOf(contents)];
    this.foot = foot(contents);
    this.under = new UnderCursor(kind, density, () => this.nearby());
  }

  next(picked: number): string {
    return picked === 1 ? "Pick B for a path" : "Pick C for A − B + C";
  }

  picked(picks: readonly number[]): Promise<HTMLElement> | null {
    const [a, b, c] = picks as readonly [number, number, number];
    if (!this.space) return null;
    if (picks.length === 1) return pointPanel(this.space, a);
    return picks.length === 2 ? pathPanel(this.space, a, b) : arithmeticPanel(this.space, [a, b, c]);
  }

  selected(rows: readonly number[]): Promise<HTMLElement> | null {
    return this.space && selectionPanel(this.space, rows, (row) => this.here.pick(row));
  }

  joins(): readonly never[] {
    return [];
  }

  moved(): void {
    // What the cursor decodes to is shown when it has been decoded.
  }

  private nearby(): string {
    const row = this.here.nearest();
    if (row < 0) return "No point is near.";
    const label = this.contents.labelOf(row);
    return `Nearest: ${this.contents.nameOf(row)}${label === null ? "" : `, ${label}`}.`;
  }
}
