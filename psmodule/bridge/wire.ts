/**
 * The frames that the PowerShell side and the host send each other. A frame is
 *
 *   length of the payload : u32, kind : u8, payload
 *
 * and every payload has the same form, whatever it says: some texts, and tables whose cells are numbers.
 *
 *   count of texts : u32, then for each its bytes : u32 and the text in UTF-8
 *   count of tables : u32, then for each its rows : u32, its columns : u32, and its cells : f64 each, row by row
 *
 * All is little-endian. A cell for a text has the text's place in the list, one for a time milliseconds
 * since 1970, a Boolean 0 or 1; NaN is null. Which cell is what goes with the kind of message; the other side of this
 * is psmodule/bridge/client/Payload.cs.
 */
export type Cell = number | string | boolean | null;
export type Row = readonly Cell[];
export type Table = readonly Row[];

/** The client's requests. scripts/generate-records.mjs writes the numbers for the client, Messages.generated.cs. */
export const requests = {
  /** Tables: ids, names, one row of [exited]. */
  traffic: 1,
  /** Tables: ids, names, one row of [exited, interval in seconds, count or null]. */
  watch: 2,
  /** Tables: ids, names. */
  connections: 3,
  /** One table: the id of the process. Answered by an empty batch once measuring has begun. */
  measure: 4,
  driverStatus: 5,
  driverStart: 6,
  driverStop: 7,
  driverInstall: 8,
  driverUninstall: 9,
  /** Asks for the next batch of what is going on: of a watch, or the result of a measurement. */
  next: 10,
  /** One table: rates as somebody wrote them. Answered by bytes per second, null for none. */
  rates: 11,
  /** One table: paths. Answered by all limits, and what the paths lead to. */
  limitList: 12,
  /** Tables: ids, paths, one row of [upload is given, upload or null, download is given, download or null, shared or null]. */
  limitSet: 13,
  /** Tables: ids, paths, one row of [all]. */
  limitRemove: 14,
  /** One table: the file. Answered, as are the other two, by a line of text for each difference. */
  policyApply: 15,
  policyTest: 16,
  /** One table: the file. */
  policyExport: 17,
  policyUpdate: 18,
} as const;

/** The host's replies. */
export const replies = {
  /** Tables: rows, what was asked for and can't be had. More follows when it is asked for. */
  batch: 1,
  /** The same, and the request is done. */
  last: 2,
  /** One row: code, message. The request is done. */
  error: 3,
  /** One row with one text: what goes on. */
  message: 4,
} as const;

export const headerBytes = 5;
const cellBytes = 8;

/** Encodes a whole frame. */
export function encodeFrame(kind: number, tables: readonly Table[]): Buffer {
  const texts = new Map<string, number>();
  const body = tables.flatMap((table) => encodeTable(table, texts));
  const parts = [...encodeTexts(texts.keys(), texts.size), u32(tables.length), ...body];
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(parts.reduce((sum, { length }) => sum + length, 0));
  header.writeUInt8(kind, headerBytes - 1);
  return Buffer.concat([header, ...parts]);
}

function encodeTable(table: Table, texts: Map<string, number>): Buffer[] {
  const columns = table[0]?.length ?? 0;
  const cells = new Float64Array(table.length * columns);
  let at = 0;
  for (const row of table) for (const cell of row) cells[at++] = encodeCell(cell, texts);
  return [u32(table.length), u32(columns), Buffer.from(cells.buffer)];
}

function encodeCell(cell: Cell, texts: Map<string, number>): number {
  if (typeof cell === 'number') return cell;
  if (cell === null) return NaN;
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  const place = texts.get(cell) ?? texts.size;
  if (place === texts.size) texts.set(cell, place);
  return place;
}

function encodeTexts(texts: Iterable<string>, count: number): Buffer[] {
  const encoded = [u32(count)];
  for (const text of texts) {
    const bytes = Buffer.from(text);
    encoded.push(u32(bytes.length), bytes);
  }
  return encoded;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** A payload as it arrived, with its texts and numbers apart. */
export interface Payload {
  texts: string[];
  /** Tables, rows, cells. */
  tables: number[][][];
}

/** Throws RangeError for bytes that are no payload. */
export function decodePayload(bytes: Buffer): Payload {
  let at = 0;
  const expect = (count: number): void => {
    if (count > bytes.length - at) throw new RangeError('A message ends before its content does.');
  };
  const take = (count: number): Buffer => {
    expect(count);
    return bytes.subarray(at, (at += count));
  };
  const count = (): number => take(4).readUInt32LE();
  const texts = repeat(count(), () => take(count()).toString());
  const tables = repeat(count(), () => {
    const [rows, columns] = [count(), count()];
    expect(rows * Math.max(columns, 1) * cellBytes);
    return repeat(rows, () => repeat(columns, () => take(cellBytes).readDoubleLE()));
  });
  return { texts, tables };
}

/** A count that is not true ends at the end of the message, before it has taken memory. */
function repeat<Item>(count: number, next: () => Item): Item[] {
  const items: Item[] = [];
  while (items.length < count) items.push(next());
  return items;
}
