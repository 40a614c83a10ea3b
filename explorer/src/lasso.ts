/** Which points lie inside a drawn line. */

export type Outline = readonly (readonly [x: number, y: number])[];

/** The corners of a box from two opposite ones. */
export function box([x0, y0]: Outline[number], [x1, y1]: Outline[number]): Outline {
  return [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
}

/** Numbers of the points inside `outline`, which closes by itself; crossings count by the even-odd rule. */
export function inside(outline: Outline, xs: ArrayLike<number>, ys: ArrayLike<number>): number[] {
  if (outline.length < 3) return [];
  const left = Math.min(...outline.map(([x]) => x));
  const right = Math.max(...outline.map(([x]) => x));
  const found: number[] = [];
  for (let i = 0; i < xs.length; i++) {
    if (xs[i]! >= left && xs[i]! <= right && contains(outline, xs[i]!, ys[i]!)) found.push(i);
  }
  return found;
}

function contains(outline: Outline, x: number, y: number): boolean {
  let within = false;
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [xi, yi] = outline[i]!;
    const [xj, yj] = outline[j]!;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) within = !within;
  }
  return within;
}
