/** The edges between the nodes of a page. */

export class Adjacency {
  /** The first of the neighbours of each node, and behind the last node their number. */
  private readonly starts: Uint32Array;
  private readonly others: Uint32Array;

  /** `later` counts for each node its neighbours with a larger number, which are in `joined`, node after node. */
  constructor(later: ArrayLike<number>, joined: ArrayLike<number>) {
    const n = later.length;
    const firsts = new Uint32Array(joined.length);
    for (let row = 0, at = 0; row < n; row++) for (const end = at + later[row]!; at < end; at++) firsts[at] = row;
    this.starts = new Uint32Array(n + 1);
    for (const ends of [firsts, joined]) for (let i = 0; i < ends.length; i++) this.starts[ends[i]! + 1]!++;
    for (let row = 0; row < n; row++) this.starts[row + 1]! += this.starts[row]!;
    this.others = new Uint32Array(2 * joined.length);
    const free = this.starts.slice();
    const put = (one: number, other: number): unknown => (this.others[free[one]!++] = other);
    for (let i = 0; i < joined.length; i++) put(joined[i]!, firsts[i]!);
    for (let i = 0; i < joined.length; i++) put(firsts[i]!, joined[i]!);
  }

  get edges(): number {
    return this.others.length / 2;
  }

  /** The neighbours of a node, in order. */
  of(row: number): Uint32Array {
    return this.others.subarray(this.starts[row], this.starts[row + 1]);
  }

  /** The nodes that are joined to both, in order. */
  common(a: number, b: number): number[] {
    const near = new Set(this.of(a));
    return Array.from(this.of(b)).filter((row) => near.has(row));
  }

  /** How many edges join two of `rows`, and how many join one of them to another node. */
  around(rows: readonly number[]): { inside: number; across: number } {
    const own = new Set(rows);
    let [twice, across] = [0, 0];
    for (const row of own) for (const other of this.of(row)) own.has(other) ? twice++ : across++;
    return { inside: twice / 2, across };
  }
}
