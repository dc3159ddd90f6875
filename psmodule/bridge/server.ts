import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { findRuntime } from './runtime.js';

/** A frame as it arrives: `kind` and `payload` are null when the connection has ended. */
export interface Received {
  connection: number;
  kind: number | null;
  payload: Buffer | null;
}

/** Sends a message on a connection, in the background; drops it if the connection has ended. */
export type Send = (connection: number, message: Buffer) => void;

type Callback<Value> = (error: Error | null, value?: Value) => void;
/** With `true` for a callback, it returns when .NET's function is done. */
type DotNetFunction<Input, Output> = (input: Input, callback: Callback<Output> | true) => void;
type StartInput = { pipe: string; receive: (crossing: Buffer, done: Callback<null>) => void };
type SendFunction = DotNetFunction<Buffer, null>;

/** The size of a connection's number, with which a crossing begins. */
const connectionBytes = 4;

interface Edge {
  func<Input, Output>(method: {
    assemblyFile: string;
    typeName: string;
    methodName: string;
  }): DotNetFunction<Input, Output>;
}

/**
 * Opens the pipe, which .NET serves inside this process, since only its pipes can be restricted to one user. All calls
 * into .NET are here; .NET's side is server/EntryPoint.cs.
 */
export async function openPipe(root: string, pipe: string, receive: (frame: Received) => void): Promise<Send> {
  const built = join(root, 'dist', 'psmodule');
  const windows = process.platform === 'win32';
  const start = loadEdge(root, built).func<StartInput, SendFunction>({
    assemblyFile: join(built, 'server', windows ? 'net472' : 'net8.0', 'NetFlow.Server.dll'),
    typeName: 'NetFlow.Server.EntryPoint',
    methodName: 'Start',
  });
  const send = await call(start, {
    pipe,
    receive: (crossing, done) => {
      receive(toReceived(crossing));
      done(null, null); // edge-js would keep a returned value for ever
    },
  });
  return (connection, message) => {
    const number = Buffer.alloc(connectionBytes);
    number.writeUInt32LE(connection);
    send(Buffer.concat([number, message]), true);
  };
}

function toReceived(crossing: Buffer): Received {
  const connection = crossing.readUInt32LE();
  if (crossing.length === connectionBytes) return { connection, kind: null, payload: null };
  return { connection, kind: crossing.readUInt8(connectionBytes), payload: crossing.subarray(connectionBytes + 1) };
}

/** Loads edge-js: on Windows on the .NET Framework, elsewhere on .NET with our own build of its managed part. */
function loadEdge(root: string, built: string): Edge {
  if (process.platform !== 'win32') {
    process.env.EDGE_USE_CORECLR = '1';
    const { folder, version } = findRuntime();
    process.env.PATH = `${folder}${delimiter}${process.env.PATH ?? ''}`;
    process.env.CORECLR_VERSION = version;
    process.env.EDGE_USE_RUNTIME_CONFIG = '1'; // reads our settings, not those of an SDK
    process.env.DOTNET_GCgen0size = '400000'; // 4 MB, in hexadecimal; the default is the size of the CPU's cache
    process.env.EDGE_APP_ROOT = process.env.EDGE_BOOTSTRAP_DIR = join(built, 'edge');
  }
  return createRequire(join(root, 'psmodule', 'bridge', 'edge', 'package.json'))('edge-js') as Edge;
}

function call<Input, Output>(method: DotNetFunction<Input, Output>, input: Input): Promise<Output> {
  return new Promise((resolve, reject) => {
    method(input, (error, value) => {
      if (error) reject(error);
      else resolve(value as Output);
    });
  });
}
