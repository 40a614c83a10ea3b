/** Links that carry the view: what is shown, written behind the page's #. */

export type Shown = Readonly<Record<string, string>>;

const MARK = "live";

/** `#live/a=1&b=2/a=3`: one piece for each run in the page. */
export function toHash(parts: readonly Shown[]): string {
  return `#${[MARK, ...parts.map((part) => new URLSearchParams(part).toString())].join("/")}`;
}

/** The way back; nothing of links to other places in the page. */
export function fromHash(hash: string): Shown[] {
  const [mark, ...parts] = hash.replace(/^#/, "").split("/");
  return mark === MARK ? parts.map((part) => Object.fromEntries(new URLSearchParams(part))) : [];
}

/** Numbers in a link: as many digits as place a pixel. */
export function short(values: Iterable<number>): string {
  return Array.from(values, (value) => String(Number(value.toPrecision(6)))).join(",");
}

/** The way back from `short`; nothing if it is not `length` finite numbers. */
export function numbers(text: string | undefined, length?: number): number[] | null {
  if (!text) return null;
  const found = text.split(",").map(Number);
  return found.every(Number.isFinite) && (length === undefined || found.length === length) ? found : null;
}
