/** What stands beside the plane of a run, which depends on its kind of data. */

import type { Quantity } from "./samples/kind";
import type { Under } from "./panels/under";

/** What a side may ask of the stage that it belongs to. */
export interface Here {
  /** The row nearest to the cursor, -1 if none is near. */
  nearest(): number;
  pick(row: number): void;
  select(rows: readonly number[]): void;
}

/** A line on the plane between two rows; `likely` if no edge joins them. */
export interface Join {
  readonly from: number;
  readonly to: number;
  readonly likely: boolean;
}

export interface Side {
  /** Numbers by which the points can be coloured. */
  readonly quantities: readonly Quantity[];
  /** What is shown of the place of the cursor. */
  readonly under: Under;
  /** How to use the plane, while nothing is picked. */
  readonly hint: string;
  /** Rows that are picked at a time, at most. */
  readonly most: number;
  /** What this page carries, and how to use the plane. */
  readonly foot: string;
  /** What another pick is for, beside so many. */
  next(picked: number): string;
  /** What is shown of picked rows; null while it cannot be shown yet. */
  picked(rows: readonly number[]): Promise<HTMLElement> | null;
  /** What is shown of selected rows, likewise. */
  selected(rows: readonly number[]): Promise<HTMLElement> | null;
  /** Lines on the plane when `rows` are picked. */
  joins(rows: readonly number[]): readonly Join[];
  /** The cursor was moved. */
  moved(): void;
}
