/**
 * The frames that a PowerShell shell and its host send each other. A frame is
 *
 *   length of the payload : u32, kind : u8, payload
 *
 * and every payload has the same form: texts, and tables whose cells are numbers.
 *
 *   count of texts : u32, then for each its bytes : u32 and the text in UTF-8
 *   count of tables : u32, then for each its rows : u32, its columns : u32, and its cells : f64 each, row by row
 *
 * All is little-endian. A text's cell has its place in the list, a time's the milliseconds since 1970, a Boolean's 0 or
 * 1; NaN is null. The kind of the frame says what the cells mean. client/Payload.cs is the shell's side.
 */
export type Cell = number | string | boolean | null;
export type Row = readonly Cell[];
export type Table = readonly Row[];

/** The client's requests. scripts/generate-records.mjs writes their numbers into the client's Messages.generated.cs. */
export const requests = {
  /** Tables: ids, names, one row of [exited]. */
  traffic: 1,
  /** Tables: ids, names, one row of [exited, interval in seconds, count or null]. */
  watch: 2,
  /**
   * Tables: ids, names, local addresses, remote addresses, local ports, remote ports, states, protocols. An empty one
   * selects all.
   */
  connections: 3,
  /** A table with the id of the process. An empty batch answers that measuring has begun. */
  measure: 4,
  driverStatus: 5,
  driverStart: 6,
  driverStop: 7,
  driverInstall: 8,
  driverUninstall: 9,
  /** Asks for a watch's next batch, or for the result of a measurement. */
  next: 10,
  /** A table of rates as they were written. The answer has them in bytes per second, null for none. */
  rates: 11,
  /** A table of paths. The answer has all limits, and the paths with their links followed. */
  limitList: 12,
  /** Tables: ids, paths, one row of [upload is given, upload, download is given, download, shared], each or null. */
  limitSet: 13,
  /** Tables: ids, paths, one row of [all]. */
  limitRemove: 14,
  /**
   * A table with the file, as for policyTest. The answer has the path, both rules and a line for each difference, as have
   * the others.
   */
  policyApply: 15,
  policyTest: 16,
  /** A table with the file. */
  policyExport: 17,
  policyUpdate: 18,
  /** A table with the file, or without one for the machine's own policy. */
  policyPlan: 19,
} as const;

/** The host's replies. */
export const replies = {
  /** Tables: rows, failures. More follows on request. */
  batch: 1,
  /** Tables as for `batch`. It ends the request. */
  last: 2,
  /** A row of code, message and the system's own name of it, such as ENOENT, or null. It ends the request. */
  error: 3,
  /** A row with a status message. */
  message: 4,
  /** A row with a problem that doesn't fail the request. */
  warning: 5,
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

/** A decoded payload, with its texts and numbers apart. */
export interface Payload {
  texts: string[];
  /** Tables, rows, cells. */
  tables: number[][][];
}

/** Returns the texts of a table, each a row. */
export function textsOf({ texts, tables }: Payload, table: number): string[] {
  return numbersOf({ tables }, table).map((place) => texts[place] ?? '');
}

/** Returns the numbers of a table, each a row. */
export function numbersOf({ tables }: Pick<Payload, 'tables'>, table: number): number[] {
  return (tables[table] ?? []).map(([number = NaN]) => number);
}

/** Decodes a payload; throws RangeError for anything else. */
export function decodePayload(bytes: Buffer): Payload {
  let at = 0;
  const expect = (count: number): void => {
    if (count > bytes.length - at) throw new RangeError('A frame ends before its content does.');
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

/** Reads items one by one, so that a false count fails at the end of the frame, before it has used memory. */
function repeat<Item>(count: number, next: () => Item): Item[] {
  const items: Item[] = [];
  while (items.length < count) items.push(next());
  return items;
}
