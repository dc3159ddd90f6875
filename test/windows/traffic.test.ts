import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { windowsRunning } from '../../core/driver/windows/running.js';
import type { ProcessTraffic } from '../../core/index.js';
import { until } from '../support/commands.js';
import { Engine, streamFlag } from './support/engine.js';
import { connections, endProcess, endProcesses, list, mustSucceed, program, startProcess } from './support/netflow.js';

const curl = String.raw`\Device\HarddiskVolume1\Tools\naïve curl.exe`;

describe('traffic, from the driver by Windows’ Node.js', () => {
  let engine: Engine;
  let pid = 0;

  before(async () => {
    await mustSucceed('driver', 'start');
    engine = new Engine();
    pid = startProcess().pid;
  });
  after(async () => {
    engine[Symbol.dispose]();
    await endProcesses();
    await mustSucceed('driver', 'stop');
  });

  const only = async (processId: number, { list: read } = { list }): Promise<ProcessTraffic> => {
    const rows = await read('--pid', processId);
    assert.equal(rows.length, 1);
    return rows[0] ?? assert.fail();
  };

  it('is that of each process, to the byte', async () => {
    const flow = engine.openFlow({ transport: 6, processId: pid, path: curl, localPort: 50_001, remotePort: 443 });
    engine.stream(flow, streamFlag.send, 1000, 1001);
    engine.stream(flow, streamFlag.sendExpedited, 1);
    engine.stream(flow, streamFlag.receive, 333, 3);
    const datagrams = engine.openFlow({ transport: 17, processId: pid, path: curl, isIpv6: true });
    engine.datagrams(datagrams, false, 1400, 7);
    engine.datagrams(datagrams, true, 99, 5);
    const row = await only(pid, program);
    assert.deepEqual([row.uploadBytes, row.downloadBytes], [1000 * 1001 + 1 + 1400 * 7, 333 * 3 + 99 * 5]);
    assert.deepEqual({ upload: row.uploadBytes, download: row.downloadBytes }, engine.totals(pid));
    assert.equal(row.connections, 2);
    engine.closeFlow(flow);
    engine.closeFlow(datagrams);
    const after = await only(pid);
    const { uploadSpeed, downloadSpeed } = after; // of another second
    assert.deepEqual(after, { ...row, uploadSpeed, downloadSpeed, connections: 0 });
  });

  it('says whose it is', async () => {
    const flow = engine.openFlow({ transport: 6, processId: process.pid, path: curl });
    engine.stream(flow, streamFlag.send, 10);
    const row = await only(process.pid);
    assert.equal(row.processName, 'naïve curl.exe');
    assert.equal(row.path, String.raw`C:\Tools\naïve curl.exe`);
    assert.equal(row.user.split('\\').at(-1), userInfo().username);
    const age = Date.now() - Date.parse(row.startTime);
    assert.ok(
      Math.abs(age - process.uptime() * 1000) < 2000,
      `started ${age} ms ago, ${process.uptime()} s in its own words`,
    );
    assert.equal(row.exited, false);
    assert.deepEqual([row.uploadLimit, row.downloadLimit], [null, null]);
    assert.match(
      await mustSucceed('list', '--csv', '--name', 'naïve*'),
      /^ProcessId,ProcessName,Path,.*\n\d+,naïve curl\.exe,/u,
    );
    assert.match(await program.mustSucceed('list', '--name', 'NAÏVE CURL'), /naïve curl\.exe/u);
    engine.closeFlow(flow);
  });

  it('of a service says which it is, and of a process that runs none nothing', async () => {
    const service = windowsRunning.ids().find((id) => windowsRunning.namesOf(id).includes('rpcss.exe'));
    assert.ok(service !== undefined, 'Wine runs the service RpcSs in a program of this name');
    const flows = [service, pid].map((processId) => engine.openFlow({ transport: 6, processId, path: curl }));
    for (const flow of flows) engine.stream(flow, streamFlag.send, 10);
    assert.deepEqual([(await only(service)).service, (await only(pid)).service], ['RpcSs', null]);
    for (const flow of flows) engine.closeFlow(flow);
  });

  it('is listed for each connection', async () => {
    const flow = engine.openFlow({
      transport: 6,
      processId: pid,
      path: curl,
      localAddress: Uint8Array.of(192, 0, 2, 7),
      remoteAddress: Uint8Array.of(198, 51, 100, 9),
      localPort: 50_002,
      remotePort: 8080,
    });
    engine.stream(flow, streamFlag.receive, 12_345);
    const rows = await connections('--pid', pid);
    const { uploadSpeed: _up, downloadSpeed: _down, ...row } = rows[0] ?? assert.fail();
    assert.deepEqual(row, {
      protocol: 'tcp',
      localAddress: '192.0.2.7',
      localPort: 50_002,
      remoteAddress: '198.51.100.9',
      remotePort: 8080,
      state: 'established',
      processId: pid,
      processName: 'naïve curl.exe',
      uploadBytes: 0,
      downloadBytes: 12_345,
    });
    engine.closeFlow(flow);
    assert.deepEqual(await connections('--pid', pid), []);
  });

  // Wine does not say whose a TCP socket is.
  it('stands beside sockets that only wait, which Windows lists', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    try {
      const mine = (await connections('--pid', process.pid)).filter(({ localAddress }) => localAddress === '127.0.0.1');
      assert.deepEqual(mine, [
        {
          protocol: 'udp',
          localAddress: '127.0.0.1',
          localPort: socket.address().port,
          remoteAddress: '0.0.0.0',
          remotePort: 0,
          state: '',
          processId: process.pid,
          processName: (await only(process.pid)).processName,
          uploadBytes: 0,
          downloadBytes: 0,
          uploadSpeed: 0,
          downloadSpeed: 0,
        },
      ]);
      assert.equal((await only(process.pid)).connections, 1);
    } finally {
      socket.close();
    }
  });

  it('of a process without a flow says whose it is, and its limit', async () => {
    const child = startProcess("require('node:dgram').createSocket('udp4').bind(0)");
    await until('its socket is there', async () => (await list()).some(({ processId }) => processId === child.pid));
    await mustSucceed('limit', 'set', '--path', process.execPath, '--upload', '2MB');
    const row = await only(child.pid);
    await mustSucceed('limit', 'remove', '--all');
    assert.deepEqual(
      [row.path?.toLowerCase(), row.processName, row.user, row.uploadBytes, row.connections, row.exited],
      [process.execPath.toLowerCase(), 'node.exe', (await only(pid)).user, 0, 1, false],
    );
    assert.deepEqual([row.uploadLimit, row.downloadLimit], [2 << 20, null]);
    assert.ok(Math.abs(Date.parse(row.startTime) - Date.now()) < 30_000);
    await endProcess(child);
    assert.equal(
      (await list()).some(({ processId }) => processId === child.pid),
      false,
    );
  });

  it('of a process that has ended is listed under --exited', async () => {
    const child = startProcess();
    const flow = engine.openFlow({ transport: 6, processId: child.pid, path: curl });
    engine.stream(flow, streamFlag.send, 777);
    engine.closeFlow(flow);
    await list(); // has the driver ask who it is while it lives
    await endProcess(child);
    engine.processEnded(child.pid); // Wine notifies no driver
    assert.equal(
      (await list()).some(({ processId }) => processId === child.pid),
      false,
    );
    const ended = (await list('--exited')).find(({ processId }) => processId === child.pid);
    assert.deepEqual([ended?.uploadBytes, ended?.exited, ended?.connections], [777, true, 0]);
  });

  it('of 2,000 connections is listed in full, whatever room was guessed', async () => {
    const flows = Array.from({ length: 2000 }, (_, index) =>
      engine.openFlow({ transport: 6, processId: pid, path: curl, localPort: 1024 + index, remotePort: 1 }),
    );
    const before = (await only(pid)).uploadBytes;
    for (const flow of flows) engine.stream(flow, streamFlag.send, 3);
    const rows = await program.connections('--pid', pid);
    assert.equal(rows.length, flows.length);
    assert.equal(new Set(rows.map(({ localPort }) => localPort)).size, flows.length);
    assert.ok(rows.every(({ uploadBytes }) => uploadBytes === 3));
    assert.equal((await only(pid, program)).uploadBytes - before, 3 * flows.length);
    for (const flow of flows) engine.closeFlow(flow);
    assert.deepEqual(engine.state(), { contexts: 0, pendingPackets: 0 });
  });
});
