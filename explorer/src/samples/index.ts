/** The table of drawings: the module that shows each. */

import type { Header } from "../contents";
import { Curves } from "./curves";
import { Images } from "./images";
import type { Kind } from "./kind";
import { Sequences } from "./sequences";
import { Table } from "./table";

const KINDS: Readonly<Record<string, new (header: Header) => Kind>> = {
  curves: Curves,
  images: Images,
  sequences: Sequences,
  table: Table,
};

/** What shows the examples of a run. */
export function kindOf(header: Header): Kind {
  const found = KINDS[header.drawing];
  if (!found) throw new Error(`there is no drawing of ${header.drawing}`);
  return new found(header);
}
