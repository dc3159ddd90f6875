import type { Connection, NetFlow, TrafficSnapshot } from '../../../core/index.js';
import { filterOf, shownFields, timesOf, type WatchArguments } from '../../filter-arguments.js';
import { warn, type WarningSink } from '../../with-netflow.js';
import { coloursFor } from '../colour.js';
import { tableForOutput } from '../rows.js';
import { untilInterrupted } from '../signals.js';
import { withUsedLimits } from '../used-limits.js';
import { writeLines } from '../write.js';
import { Averages } from './averages.js';
import { orderBy } from './order.js';
import { Place } from './place.js';
import { hasText, processKey, type LiveRow } from './row.js';
import { openScreen } from './screen.js';
import { afterKey, type LiveState } from './state.js';
import { connectionLines, helpLines, helpRows, processLines, roomFor, type View } from './view.js';

/** Shows the live table until a key, a signal or the last reading ends it. */
export async function watchLive(
  netflow: NetFlow,
  argv: WatchArguments,
  done: () => void,
  divertWarnings: (sink: WarningSink) => void,
): Promise<void> {
  let left: LiveRow[] | undefined;
  const warnings: string[] = [];
  await untilInterrupted(async (signal) => {
    const quit = new AbortController();
    const table = new LiveTable(netflow, argv, () => quit.abort());
    divertWarnings((message) => table.notice(warnings[warnings.push(message) - 1] ?? ''));
    const { sort: _sort, top: _top, ...filter } = filterOf(argv);
    const options = { ...filter, ...timesOf(argv), signal: AbortSignal.any([signal, quit.signal]) };
    try {
      for await (const snapshot of netflow.watch(options)) {
        if (options.signal.aborted) break;
        done();
        await table.show(snapshot);
      }
    } catch (error) {
      if (!quit.signal.aborted) throw error;
    } finally {
      table.close();
      warnings.forEach(warn);
    }
    if (!options.signal.aborted) left = table.rows();
  });
  // For a user who asked for a number of readings: what was on the screen is gone.
  if (left) await writeLines(await tableForOutput(left, withUsedLimits(shownFields(argv), left)));
}

const noticeReadings = 10;

class LiveTable {
  readonly #netflow: NetFlow;
  readonly #argv: WatchArguments;
  readonly #quit: () => void;
  readonly #screen = openScreen({ onKey: (key) => this.#onKey(key), onRedraw: () => this.#draw() });
  readonly #colours = coloursFor(process.stdout);
  readonly #averages: Averages;
  readonly #places = {
    processes: new Place<LiveRow>(processKey),
    connections: new Place<Connection>(),
    help: new Place<string>(),
  };
  #state: LiveState;
  #snapshot: TrafficSnapshot | undefined;
  #all: LiveRow[] = [];
  #opened = '';
  #connections: Connection[] = [];
  #notice = '';
  #noticeAge = 0;

  constructor(netflow: NetFlow, argv: WatchArguments, quit: () => void) {
    this.#netflow = netflow;
    this.#argv = argv;
    this.#quit = quit;
    this.#averages = new Averages(averageSeconds(argv));
    const commands = argv.wide === true;
    const start = { paused: false, filter: '', typing: false, commands, page: 'processes' } as const;
    this.#state = { order: orderBy(argv.sort), ...start };
  }

  async show(snapshot: TrafficSnapshot): Promise<void> {
    const rows = this.#averages.add(snapshot);
    if (this.#state.paused) return;
    if (++this.#noticeAge > noticeReadings) this.#notice = '';
    this.#snapshot = snapshot;
    this.#all = rows;
    if (this.#state.page === 'connections') await this.#readConnections();
    this.#draw();
  }

  /** Shows a sentence in the last line, until a key is pressed or some readings have come. */
  notice(message: string): void {
    this.#notice = message;
    this.#noticeAge = 0;
    this.#draw();
  }

  /** Returns the rows of the table, in their order. */
  rows(): LiveRow[] {
    const { filter, order } = this.#state;
    return this.#all
      .filter((row) => filter === '' || hasText(row, filter))
      .toSorted(order.compare)
      .slice(0, this.#argv.top);
  }

  close(): void {
    this.#screen.close();
  }

  #onKey(key: string): void {
    const before = this.#state;
    this.#notice = '';
    if (!before.typing && before.page !== 'none') this.#places[before.page].move(key);
    this.#state = afterKey(before, key);
    if (this.#state.page === 'none') this.#quit();
    else if (this.#state.page === 'connections' && before.page !== 'connections') this.#openConnections();
    this.#draw();
  }

  #openConnections(): void {
    const process = this.#places.processes.chosen ?? this.rows()[0];
    this.#connections = [];
    this.#opened = process ? processKey(process) : '';
    // The next reading fails for the same reason, and says so.
    this.#readConnections().then(
      () => this.#draw(),
      () => {},
    );
  }

  async #readConnections(): Promise<void> {
    const process = this.#openedProcess();
    if (process)
      this.#connections = await this.#netflow.connections({ pids: [process.processId], onMissing: () => {} });
  }

  #openedProcess(): LiveRow | undefined {
    return this.#all.find((row) => processKey(row) === this.#opened);
  }

  #draw(): void {
    if (this.#snapshot === undefined) return;
    this.#screen.draw(this.#lines(this.#view(this.#snapshot)));
  }

  #lines(view: View): string[] {
    const { page } = this.#state;
    const room = roomFor(view);
    const { processes, connections, help } = this.#places;
    if (page === 'help') return helpLines(view, help.fit(helpRows(view), room));
    if (page !== 'connections') return processLines(view, processes.fit(view.rows, room));
    const process = this.#openedProcess();
    return connectionLines(view, process, connections.fit(process ? this.#connections : [], room));
  }

  #view(snapshot: TrafficSnapshot): View {
    return {
      ...this.#screen.size(),
      ...{ snapshot, state: this.#state, rows: this.rows(), notice: this.#notice },
      ...{ keys: this.#screen.keys, colours: this.#colours },
      ...{ average: averageSeconds(this.#argv), exited: this.#argv.exited === true },
    };
  }
}

/** Five, or as many as are between two readings. */
function averageSeconds({ interval = 1 }: WatchArguments): number {
  return Math.max(5, Math.round(interval));
}
