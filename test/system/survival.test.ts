import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ProcessTraffic } from '../../core/index.js';
import { ended, sleep, until } from '../support/commands.js';
import { assertCounted, assertCountedAtEnd, connect, transfer, truthOf } from './support/exchange.js';
import { added, assertNothingAdded, traces } from './support/kernel.js';
import {
  asRoot,
  driverStatus,
  list,
  mustSucceed,
  netflow,
  startDriver,
  startNetflow,
  stopDriver,
} from './support/netflow.js';
import { Peer } from './support/peer.js';
import { trafficOf } from './support/traffic.js';

const atOnce = 10;
const killedStarts = 30;

describe('counting survives', () => {
  asRoot();

  for (const args of [
    ['watch', '--json'],
    ['measure', '--json', '--', 'sh', '-c', 'echo; read line'],
  ]) {
    it(`the sudden death of netflow ${args[0]}`, async () => {
      const [client, server] = [new Peer('stream_send'), new Peer('stream_send')];
      await connect(client, server);
      await transfer(client, server, 1_009);
      const victim = startNetflow(...args);
      assert.ok(victim.stdout);
      await once(victim.stdout, 'data');
      await transfer(server, client, 2_003);
      victim.kill('SIGKILL');
      assert.equal(await ended(victim), 'SIGKILL');
      victim.stdin?.end();
      await transfer(client, server, 3_001);
      await assertCounted(client, server);
      await assertCountedAtEnd(client, server);
    });
  }

  it(`${atOnce} readers at once, who all see the same`, async () => {
    const [client, server] = [new Peer('stream_send'), new Peer('stream_send')];
    await connect(client, server);
    await transfer(client, server, 123_457);
    const read = () => mustSucceed('list', '--json', '--pid', client.pid);
    for (const text of await Promise.all(Array.from({ length: atOnce }, read)))
      assert.deepEqual(trafficOf(JSON.parse(text) as ProcessTraffic[], client.pid), truthOf(client));
    await assertCountedAtEnd(client, server);
  });

  it('a second start, which changes nothing', async () => {
    const [client, server] = [new Peer('stream_send'), new Peer('stream_send')];
    await connect(client, server);
    await transfer(client, server, 4_001);
    const { since } = await driverStatus();
    const before = traces();
    await mustSucceed('driver', 'start');
    await transfer(client, server, 5_003);
    assert.equal((await driverStatus()).since, since);
    await until('the second start leaves nothing', () => Object.keys(added(before, traces())).length === 0);
    await assertCounted(client, server);
    await assertCountedAtEnd(client, server);
  });
});

describe('stopping the driver', function () {
  this.timeout(120_000);

  asRoot(async () => {
    await stopDriver();
  });

  it('leaves no program, map, link, pin, mount, interface or process', async () => {
    const before = traces();
    await startDriver();
    assert.notDeepEqual(added(before, traces()), {}, 'a running driver is to be seen');
    const [client, server] = [new Peer('stream_send'), new Peer('stream_send')];
    await connect(client, server);
    await transfer(client, server, 6_007);
    await mustSucceed('measure', '--', 'true');
    await mustSucceed('watch', '--count', '1', '--json');
    await stopDriver();
    await Promise.all([client.end(), server.end()]);
    await assertNothingAdded(before);
    assert.equal((await driverStatus()).state, 'stopped');
  });

  it('does nothing where it is stopped', async () => {
    const before = traces();
    await stopDriver();
    await assertNothingAdded(before);
  });

  it('begins a new count with the next start', async () => {
    const [client, server] = [new Peer('stream_send'), new Peer('stream_send')];
    await connect(client, server);
    await startDriver();
    await transfer(client, server, 7_001);
    await startDriver();
    await transfer(client, server, 11);
    assert.deepEqual(trafficOf(await list({ pids: [client.pid] }), client.pid), { upload: 11, download: 0 });
    await Promise.all([client.end(), server.end()]);
    await stopDriver();
  });

  it(`leaves nothing after ${atOnce} commands that start it at the same time`, async () => {
    const before = traces();
    const outcomes = await Promise.all(Array.from({ length: atOnce }, () => netflow('list', '--json')));
    for (const { code, stderr } of outcomes) assert.equal(code, 0, stderr);
    assert.equal((await driverStatus()).state, 'running');
    await stopDriver();
    await assertNothingAdded(before);
  });

  it(`leaves nothing after ${killedStarts} starts that were killed half-way`, async () => {
    const before = traces();
    for (let round = 0; round < killedStarts; round++) {
      const victim = startNetflow('driver', 'start');
      await sleep(Math.random() * 400);
      victim.kill('SIGKILL');
      await ended(victim);
      if (round % 2 === 1) await stopDriver();
    }
    await mustSucceed('driver', 'start');
    const [client, server] = [new Peer('stream_send'), new Peer('stream_send')];
    await connect(client, server);
    await transfer(client, server, 8_009);
    await assertCounted(client, server);
    await assertCountedAtEnd(client, server);
    await stopDriver();
    await assertNothingAdded(before);
  });
});
