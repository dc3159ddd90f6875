import assert from 'node:assert/strict';
import { idleConnection, otherSockets, withStates } from '../../../../core/driver/windows/sockets.js';
import { decodeTable } from '../../../../core/driver/windows/system-sockets.js';
import type { Connection } from '../../../../core/index.js';

/** A table as Windows gives it: a count, then rows of numbers of 32 bits; addresses and ports in network order. */
function table(...rows: number[][]): Buffer {
  const words = [rows.length, ...rows.flat()];
  const bytes = Buffer.alloc(4 * words.length + 100, 0xee); // what follows the rows says nothing
  words.forEach((word, index) => bytes.writeUInt32LE(word >>> 0, 4 * index));
  return bytes;
}

const port = (number: number) => ((number & 0xff) << 8) | (number >> 8);
const loopback = 0x0100_007f;
const ipv6Loopback = [0, 0, 0, 0x0100_0000];

const shown = (...of: Parameters<typeof decodeTable>): unknown[][] => [...decodeTable(...of)].map(Object.values);

describe('sockets that Windows lists', () => {
  it('are TCP over IPv4', () => {
    const rows = table([2, 0, port(445), 0, 0, 4], [8, loopback, port(50_001), loopback, port(443), 1234]);
    assert.deepEqual(shown(rows, 'tcp', 2), [
      ['tcp', '0.0.0.0', 445, '0.0.0.0', 0, 'listen', 4],
      ['tcp', '127.0.0.1', 50_001, '127.0.0.1', 443, 'close-wait', 1234],
    ]);
  });

  it('are TCP over IPv6', () => {
    const row = [...ipv6Loopback, 7, port(80), ...ipv6Loopback, 0, port(50_002), 5, 77];
    assert.deepEqual(shown(table(row), 'tcp', 23), [['tcp', '::1', 80, '::1', 50_002, 'established', 77]]);
  });

  it('are UDP, which has no peer and no state', () => {
    assert.deepEqual(shown(table([loopback, port(53), 9]), 'udp', 2), [['udp', '127.0.0.1', 53, '0.0.0.0', 0, '', 9]]);
    const six = shown(table([0, 0, 0, 0, 0, port(5353), 10]), 'udp', 23);
    assert.deepEqual(six, [['udp', '::', 5353, '::', 0, '', 10]]);
  });
});

describe('sockets and flows', () => {
  const socket = {
    protocol: 'tcp' as const,
    localAddress: '192.0.2.1',
    localPort: 50_000,
    remoteAddress: '198.51.100.1',
    remotePort: 443,
    state: 'close-wait',
    processId: 7,
  };
  const listener = { ...socket, remoteAddress: '0.0.0.0', remotePort: 0, state: 'listen' };
  const datagrams = { ...listener, protocol: 'udp' as const, localAddress: '0.0.0.0', state: '' };
  const flow: Connection = { ...idleConnection(socket, 'curl.exe'), uploadBytes: 5, state: 'established' };
  const exchange: Connection = { ...flow, protocol: 'udp', state: '' };

  it('are one where both are there', () => {
    assert.deepEqual(otherSockets([flow, exchange], [socket, listener, datagrams]), [listener]);
    assert.deepEqual(otherSockets([], [socket, listener, datagrams]), [socket, listener, datagrams]);
  });

  it('are two where another process has the port', () => {
    const others = [{ ...datagrams, processId: 8 }];
    assert.deepEqual(otherSockets([exchange], others), others);
  });

  it('have the state that Windows knows', () => {
    assert.deepEqual(
      withStates([flow, exchange], [socket, datagrams]).map(({ state, uploadBytes }) => [state, uploadBytes]),
      [
        ['close-wait', 5],
        ['', 5],
      ],
    );
  });
});
