/** Places of the nodes of a small graph in the plane, the same each time for the same graph. */

export type Pair = readonly [i: number, j: number];

/** Rounds towards places whose distances are those along the edges, and pairs of nodes that all rounds may take. */
const [ROUNDS, WORK] = [60, 1_500_000];

/** The distances along `edges` of `n` nodes, `n` × `n`; between components a little more than inside of them. */
export function distances(n: number, edges: readonly Pair[]): Float64Array {
  const near = Array.from({ length: n }, (): number[] => []);
  for (const [i, j] of edges) {
    near[i]!.push(j);
    near[j]!.push(i);
  }
  const far = new Float64Array(n * n).fill(2 + Math.sqrt(n));
  for (let from = 0; from < n; from++) {
    const queue = [from];
    const seen = new Uint8Array(n);
    seen[from] = 1;
    far[from * n + from] = 0;
    for (const at of queue) {
      for (const next of near[at]!) {
        if (seen[next]) continue;
        seen[next] = 1;
        far[from * n + next] = far[from * n + at]! + 1;
        queue.push(next);
      }
    }
  }
  return far;
}

/**
 * The places of nodes in the unit square, x and y of each after the other. Distances are near those along the edges, each
 * pair counting by the inverse of their square (Gansner, Koren & North 2004, Graph drawing by stress majorization, GD).
 */
export function layout(n: number, edges: readonly Pair[]): Float64Array {
  if (n < 3) return Float64Array.from(n === 1 ? [0.5, 0.5] : [0.2, 0.5, 0.8, 0.5].slice(0, 2 * n));
  const far = distances(n, edges);
  const places = begun(n, far);
  const rounds = Math.max(4, Math.min(ROUNDS, Math.floor(WORK / (n * n))));
  for (let round = 0; round < rounds; round++) for (let i = 0; i < n; i++) pull(i, n, far, places);
  return inSquare(places);
}

/** Move node `i` to where the others pull it. */
function pull(i: number, n: number, far: Float64Array, places: Float64Array): void {
  let [x, y, weights] = [0, 0, 0];
  for (let j = 0; j < n; j++) {
    if (j === i) continue;
    const wanted = far[i * n + j]!;
    const [dx, dy] = [places[2 * i]! - places[2 * j]!, places[2 * i + 1]! - places[2 * j + 1]!];
    const share = wanted / Math.max(1e-9, Math.hypot(dx, dy));
    const weight = 1 / (wanted * wanted);
    x += weight * (places[2 * j]! + share * dx);
    y += weight * (places[2 * j + 1]! + share * dy);
    weights += weight;
  }
  places[2 * i] = x / weights;
  places[2 * i + 1] = y / weights;
}

/** Places by the two largest principal coordinates of the distances (Torgerson 1952), by subspace iteration. */
function begun(n: number, far: Float64Array): Float64Array {
  const centred = doubleCentred(n, far);
  let axes = [Math.cos, Math.sin].map((turn): Float64Array => Float64Array.from({ length: n }, (_, i) => turn(2.4 * i)));
  for (let round = 0; round < 30; round++) axes = orthonormal(axes.map((axis) => times(n, centred, axis)));
  const sizes = axes.map((axis) => Math.sqrt(Math.max(0, dot(axis, times(n, centred, axis)))));
  // Nodes with equal distances to all others do not begin at the same place.
  const places = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    places[2 * i] = sizes[0]! * axes[0]![i]! + 0.1 * Math.cos(2.4 * i);
    places[2 * i + 1] = sizes[1]! * axes[1]![i]! + 0.1 * Math.sin(2.4 * i);
  }
  return places;
}

/** −½ of the squared distances, without the means of rows and columns. */
function doubleCentred(n: number, far: Float64Array): Float64Array {
  const squared = far.map((each) => -0.5 * each * each);
  const means = new Float64Array(n);
  squared.forEach((each, at) => (means[Math.floor(at / n)]! += each / n));
  const mean = means.reduce((sum, each) => sum + each, 0) / n;
  return squared.map((each, at) => each - means[Math.floor(at / n)]! - means[at % n]! + mean);
}

function times(n: number, matrix: Float64Array, vector: Float64Array): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => dot(matrix.subarray(i * n, (i + 1) * n), vector));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function orthonormal([a, b]: Float64Array[]): Float64Array[] {
  const unit = (vector: Float64Array): Float64Array => {
    const length = Math.sqrt(dot(vector, vector)) || 1;
    return vector.map((each) => each / length);
  };
  const first = unit(a!);
  const along = dot(first, b!);
  return [first, unit(b!.map((each, i) => each - along * first[i]!))];
}

/** Places turned, moved and scaled into the unit square, the longer side along x. */
function inSquare(places: Float64Array): Float64Array {
  const n = places.length / 2;
  const along = (axis: number): Float64Array => Float64Array.from({ length: n }, (_, i) => places[2 * i + axis]!);
  const [x, y] = [0, 1].map((axis) => less(along(axis))) as [Float64Array, Float64Array];
  const turn = 0.5 * Math.atan2(2 * dot(x, y), dot(x, x) - dot(y, y));
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const turned = [x.map((each, i) => cos * each + sin * y[i]!), y.map((each, i) => cos * each - sin * x[i]!)] as const;
  const ends = turned.map((values) => [Math.min(...values), Math.max(...values)] as const);
  const size = Math.max(1e-9, ...ends.map(([low, high]) => high - low));
  return places.map((_, at) => {
    const [low, high] = ends[at % 2]!;
    return 0.5 + (turned[at % 2]![Math.floor(at / 2)]! - (low + high) / 2) / size;
  });
}

/** Values less their mean. */
function less(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  return values.map((each) => each - mean);
}
