import type { NetFlow, TrafficSnapshot } from '../../core/index.js';
import { filterOf, shownFields, timesOf, type WatchArguments } from '../filter-arguments.js';
import { coloursFor } from './colour.js';
import { viewLines, orderBy, orders } from './view.js';
import { openScreen, type Screen } from './screen.js';
import { untilInterrupted } from './signals.js';
import { tableForOutput } from './rows.js';
import { writeLines } from './write.js';

/** Shows the live table until a key, a signal or the last reading ends it. */
export async function watchLive(netflow: NetFlow, argv: WatchArguments, done: () => void): Promise<void> {
  let last: TrafficSnapshot | undefined;
  await untilInterrupted(async (signal) => {
    const quit = new AbortController();
    const table = new LiveTable(argv, () => quit.abort());
    const { sort: _sort, top: _top, ...filter } = filterOf(argv);
    const options = { ...filter, ...timesOf(argv), signal: AbortSignal.any([signal, quit.signal]) };
    try {
      for await (const snapshot of netflow.watch(options)) {
        if (options.signal.aborted) break;
        done();
        table.show(snapshot);
        last = snapshot;
      }
    } catch (error) {
      if (!quit.signal.aborted) throw error;
    } finally {
      table.close();
    }
    if (options.signal.aborted) last = undefined;
  });
  if (last !== undefined) await writeLines(await lastReading(last, argv));
}

// Shows the last reading once more, for a user who asked for a number of them: what was on the screen is gone.
function lastReading(snapshot: TrafficSnapshot, argv: WatchArguments): Promise<string[]> {
  const rows = snapshot.processes.toSorted(orderBy(argv.sort).compare).slice(0, argv.top);
  return tableForOutput(rows, shownFields(argv));
}

class LiveTable {
  readonly #screen: Screen;
  readonly #argv: WatchArguments;
  readonly #quit: () => void;
  readonly #colours = coloursFor(process.stdout);
  #order;
  #paused = false;
  #shown: TrafficSnapshot | undefined;

  constructor(argv: WatchArguments, quit: () => void) {
    this.#argv = argv;
    this.#quit = quit;
    this.#order = orderBy(argv.sort);
    this.#screen = openScreen({ onKey: (key) => this.#onKey(key), onRedraw: () => this.#draw() });
  }

  show(snapshot: TrafficSnapshot): void {
    if (this.#paused) return;
    this.#shown = snapshot;
    this.#draw();
  }

  close(): void {
    this.#screen.close();
  }

  #onKey(key: string): void {
    if (['q', 'Q', 'Esc', 'Ctrl+c', 'Ctrl+d'].includes(key)) {
      this.#quit();
      return;
    }
    if (key === ' ') this.#paused = !this.#paused;
    this.#order = orders[key] ?? this.#order;
    this.#draw();
  }

  #draw(): void {
    if (this.#shown === undefined) return;
    const view = { order: this.#order, paused: this.#paused, keys: this.#screen.keys, colours: this.#colours };
    const { top = Infinity } = this.#argv;
    this.#screen.draw(
      viewLines(this.#shown, { ...view, ...this.#screen.size(), top, fields: shownFields(this.#argv) }),
    );
  }
}
