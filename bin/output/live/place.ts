/** The part of a list that is on the screen. */
export interface Part<Row> {
  rows: readonly Row[];
  /** How many rows are above. */
  above: number;
  of: number;
  /** Which of the rows is chosen; none of them if negative. */
  chosen: number;
}

/** Where a list is scrolled to, and which of its rows is chosen; that one stays chosen wherever the order moves it. */
export class Place<Row> {
  readonly #keyOf: ((row: Row) => string) | undefined;
  #rows: readonly Row[] = [];
  #room = 1;
  #first = 0;
  #chosen = -1;

  /** Rows without a key can't be chosen, only scrolled. */
  constructor(keyOf?: (row: Row) => string) {
    this.#keyOf = keyOf;
  }

  get chosen(): Row | undefined {
    return this.#rows[this.#chosen];
  }

  /** Moves as a key says, if it is one of those that move. */
  move(key: string): void {
    const by = { Up: -1, Down: 1, PageUp: -this.#room, PageDown: this.#room, Home: -Infinity, End: Infinity }[key];
    if (by === undefined) return;
    const oneRow = Math.abs(by) === 1;
    if (!oneRow || !this.#keyOf) this.#first = clamp(this.#first + by, this.#rows.length - this.#room);
    if (!this.#keyOf) return;
    if (this.#chosen < 0 && oneRow) this.#chosen = this.#first;
    else this.#chosen = clamp(Math.max(this.#chosen, 0) + by, this.#rows.length - 1);
  }

  /** Returns what is to be shown of a list where there is room for so many rows. */
  fit(rows: readonly Row[], room: number): Part<Row> {
    this.#chosen = this.#find(rows);
    this.#rows = rows;
    this.#room = Math.max(1, room);
    this.#first = clamp(this.#first, rows.length - this.#room);
    if (this.#chosen >= 0) {
      this.#first = Math.min(this.#first, this.#chosen);
      this.#first = Math.max(this.#first, this.#chosen - this.#room + 1);
    }
    const shown = rows.slice(this.#first, this.#first + room);
    return { rows: shown, above: this.#first, of: rows.length, chosen: this.#chosen - this.#first };
  }

  // Where the chosen row has gone, the one in its place is chosen.
  #find(rows: readonly Row[]): number {
    const { chosen } = this;
    if (chosen === undefined || !this.#keyOf) return -1;
    const key = this.#keyOf(chosen);
    const index = rows.findIndex((row) => this.#keyOf?.(row) === key);
    return index >= 0 ? index : Math.min(this.#chosen, rows.length - 1);
  }
}

function clamp(index: number, most: number): number {
  return Math.max(0, Math.min(index, most));
}
