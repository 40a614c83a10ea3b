/** The table of drawings: the module that shows each. */

import type { Contents, Header } from "../contents";
import { Density } from "../density";
import { Decoded } from "../panels/decoded";
import type { Here, Side } from "../side";
import { Curves } from "./curves";
import { Graphs } from "./graphs";
import { Images } from "./images";
import type { Kind } from "./kind";
import { Nodes } from "./nodes";
import { Sequences } from "./sequences";
import { Table } from "./table";

const KINDS: Readonly<Record<string, new (header: Header) => Kind>> = {
  curves: Curves,
  graphs: Graphs,
  images: Images,
  sequences: Sequences,
  table: Table,
};

/** Of runs whose codes are not decoded to examples. */
const SIDES: Readonly<Record<string, new (contents: Contents, here: Here) => Side>> = {
  nodes: Nodes,
};

/** What stands beside the plane of a run. */
export function sideOf(contents: Contents, here: Here): Side {
  const found = SIDES[contents.header.drawing];
  return found ? new found(contents, here) : new Decoded(contents, kindOf(contents.header), new Density(contents), here);
}

/** A side whose codes are decoded, else null. */
export function decodedIn(side: Side): Decoded | null {
  return side instanceof Decoded ? side : null;
}

/** What shows the examples of a run. */
export function kindOf(header: Header): Kind {
  const found = KINDS[header.drawing];
  if (!found) throw new Error(`there is no drawing of ${header.drawing}`);
  return new found(header);
}
