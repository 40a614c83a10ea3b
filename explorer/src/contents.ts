/** What the page carries of a run: a header in JSON, and binary columns in one compressed piece. */

export interface TableColumn {
  readonly name: string;
  readonly nature: "number" | "boolean" | "category";
  readonly whole: boolean;
  readonly words: readonly string[];
  readonly range: readonly [number, number];
}

export interface Place {
  readonly dtype: keyof typeof ARRAYS;
  readonly shape: readonly number[];
  readonly at: number;
}

export interface Header {
  readonly name: string;
  readonly recipe: string;
  readonly data: string;
  readonly kind: "images" | "table";
  readonly shape: readonly number[];
  readonly axes: "HW" | "HWC" | "CHW" | "F";
  readonly precision: "float32" | "float64";
  readonly table: readonly TableColumn[];
  readonly code_size: number;
  readonly held_out: number;
  readonly range: readonly [number, number];
  readonly span: number;
  readonly unit: string;
  readonly ids: readonly string[];
  readonly label_names: readonly string[];
  readonly full: boolean;
  readonly palette: readonly string[];
  readonly drawn_note: string;
  readonly columns: Readonly<Record<string, Place>>;
}

const ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

export type Numbers = InstanceType<(typeof ARRAYS)[keyof typeof ARRAYS]>;

/** The bytes that a base64 text stands for. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** What a base64 text of gzip holds. */
export async function unpacked(base64: string): Promise<ArrayBuffer> {
  const stream = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** The column that lies at `place` in `buffer`. */
export function columnAt(buffer: ArrayBuffer, place: Place): Numbers {
  const length = place.shape.reduce((a, b) => a * b, 1);
  return new ARRAYS[place.dtype](buffer, place.at, length);
}

export class Contents {
  readonly n: number;
  readonly d: number;
  /** How many numbers one example has. */
  readonly size: number;
  readonly codes: Float32Array;
  readonly errors: Float32Array;
  /** The number of each row in the data that were read. */
  readonly numbers: Uint32Array;
  readonly labels: Float32Array | null;
  readonly originals: Numbers;
  /** Of each row the place of its original, or -1. */
  private readonly place: Int32Array;
  private readonly sorted: Float32Array;

  constructor(
    readonly header: Header,
    private readonly buffer: ArrayBuffer,
  ) {
    this.d = header.code_size;
    this.codes = this.column("codes") as Float32Array;
    this.n = this.codes.length / this.d;
    this.size = header.shape.reduce((a, b) => a * b, 1);
    this.errors = this.column("errors") as Float32Array;
    this.numbers = this.column("numbers") as Uint32Array;
    this.labels = "labels" in header.columns ? (this.column("labels") as Float32Array) : null;
    this.originals = this.column("originals");
    this.place = new Int32Array(this.n).fill(-1);
    (this.column("kept") as Uint32Array).forEach((row, i) => (this.place[row] = i));
    this.sorted = Float32Array.from(this.errors).sort();
  }

  column(name: string): Numbers {
    return columnAt(this.buffer, this.header.columns[name]!);
  }

  code(row: number): Float32Array {
    return this.codes.subarray(row * this.d, (row + 1) * this.d);
  }

  /** The example as it came; null where the page does not carry it. */
  original(row: number): Numbers | null {
    const i = this.place[row]!;
    return i < 0 ? null : this.originals.subarray(i * this.size, (i + 1) * this.size);
  }

  get carried(): number {
    return this.originals.length / this.size;
  }

  /** The share of held-out rows with a smaller error. */
  rank(error: number): number {
    return countBelow(this.sorted, error) / Math.max(1, this.n);
  }

  /** What a row is called: its file or id, else its number. */
  nameOf(row: number): string {
    return this.header.ids[row] ?? `row ${this.numbers[row]}`;
  }

  labelOf(row: number): string | null {
    return this.labels ? this.labelName(this.labels[row]!) : null;
  }

  labelName(label: number): string {
    return this.header.label_names[label] ?? String(label);
  }
}

/** How many of the ascending `sorted` are smaller than `value`. */
export function countBelow(sorted: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The runs that stand in this page. */
export async function readPage(): Promise<Contents[]> {
  const headers = [...document.querySelectorAll(".live-header")];
  const columns = [...document.querySelectorAll(".live-columns")];
  return Promise.all(
    headers.map(async (header, i) => {
      const buffer = await unpacked(columns[i]!.textContent);
      columns[i]!.remove();
      return new Contents(JSON.parse(header.textContent) as Header, buffer);
    }),
  );
}
