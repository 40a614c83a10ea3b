/** Which module shows which kind of data. */

import type { Header } from "../contents";
import { Images } from "./images";
import type { Kind } from "./kind";
import { Table } from "./table";

const KINDS: Readonly<Record<Header["kind"], new (header: Header) => Kind>> = { images: Images, table: Table };

export function kindOf(header: Header): Kind {
  return new KINDS[header.kind](header);
}
