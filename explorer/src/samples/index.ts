/** The table of kinds of data: the module that shows each. */

import type { Header } from "../contents";
import { Images } from "./images";
import type { Kind } from "./kind";
import { Table } from "./table";

const KINDS: Readonly<Record<string, new (header: Header) => Kind>> = { images: Images, table: Table };

/** What shows the examples of a run. */
export function kindOf(header: Header): Kind {
  const found = KINDS[header.kind];
  if (!found) throw new Error(`there is no drawing of ${header.kind}`);
  return new found(header);
}
