import {
  connectionFields,
  type ConnectionFilter,
  driverFields,
  NetFlow,
  NetFlowError,
  requirementFields,
  timedFields,
  transferFields,
  type TrafficSnapshot,
} from '../../core/index.js';
import type { Answer, Asker } from './asker.js';
import { limitAnswers } from './limits.js';
import { toTable } from './rows.js';
import { numbersOf, requests, textsOf, type Payload, type Row, type Table } from './wire.js';

const answers: Record<number, Answer> = {
  [requests.traffic]: async (netflow, payload) => {
    const missing: Missing = { ids: [], names: [] };
    const filter = { ...filterOf(payload, missing), exited: payload.tables[2]?.[0]?.[0] === 1 };
    return [trafficTable(await netflow.snapshot(filter)), missing.ids, missing.names];
  },
  [requests.watch]: async (netflow, payload, { batch, signal }) => {
    const missing: Missing = { ids: [], names: [] };
    const [exited, interval = 1, count = NaN] = payload.tables[2]?.[0] ?? [];
    const limits = Number.isNaN(count) ? {} : { count };
    const options = { ...filterOf(payload, missing), exited: exited === 1, interval, signal, ...limits };
    for await (const snapshot of netflow.watch(options)) {
      await batch([trafficTable(snapshot), missing.ids.splice(0), missing.names.splice(0)]);
    }
    return [];
  },
  [requests.connections]: async (netflow, payload) => {
    const missing: Missing = { ids: [], names: [] };
    const filter = { ...filterOf(payload, missing), ...connectionFilterOf(payload) };
    const connections = await netflow.connections(filter);
    return [toTable(connections, connectionFields), missing.ids, missing.names];
  },
  [requests.measure]: async (netflow, payload, { batch, signal }) => {
    await using measurement = await netflow.measureProcess(payload.tables[0]?.[0]?.[0] ?? NaN);
    await batch([]);
    if (signal.aborted) return [];
    return [toTable([await measurement.read()], transferFields)];
  },
  [requests.driverStatus]: async (netflow) => {
    const status = await netflow.driver.status();
    return [toTable([status], driverFields), toTable(status.requirements, requirementFields)];
  },
  [requests.driverStart]: change('start'),
  [requests.driverStop]: change('stop'),
  [requests.driverInstall]: change('install'),
  [requests.driverUninstall]: change('uninstall'),
  ...limitAnswers,
};

/** Answers a request: returns the tables of its last batch, or throws. */
export async function answer(kind: number, payload: Payload, asker: Asker): Promise<readonly Table[]> {
  const act = answers[kind];
  if (!act)
    throw new NetFlowError('INVALID_ARGUMENT', `The host doesn't know the request ${kind}: import the module again.`);
  await using netflow = await NetFlow.open({ onProgress: asker.message, onWarning: asker.warning });
  return await act(netflow, payload, asker);
}

function trafficTable({ time, processes }: TrafficSnapshot): Table {
  return toTable(
    processes.map((process) => ({ time, ...process })),
    timedFields,
  );
}

function change(name: 'start' | 'stop' | 'install' | 'uninstall'): Answer {
  return async ({ driver }) => {
    await driver[name]();
    return [];
  };
}

/** The ids, and the places of the names among those that were asked for, that no process has. */
interface Missing {
  ids: Row[];
  names: Row[];
}

function filterOf(payload: Payload, missing: Missing) {
  const names = textsOf(payload, 1);
  return {
    pids: numbersOf(payload, 0),
    names,
    either: true, // a pipeline may bring ids and names
    onMissing: (pid: number) => void missing.ids.push([pid]),
    onMissingName: (name: string) => void missing.names.push([names.indexOf(name)]),
  };
}

/** Returns what selects connections beyond their processes. */
function connectionFilterOf(payload: Payload): ConnectionFilter {
  const filter = {
    locals: textsOf(payload, 2),
    remotes: textsOf(payload, 3),
    localPorts: numbersOf(payload, 4),
    remotePorts: numbersOf(payload, 5),
    states: textsOf(payload, 6),
    protocols: textsOf(payload, 7).map((name) => name.toLowerCase()),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, values]) => values.length > 0));
}
