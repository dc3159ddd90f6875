import assert from 'node:assert/strict';
import {
  assertCounted,
  assertCountedAtEnd,
  connect,
  downloadSize,
  transfer,
  uploadSize,
} from '../system/support/exchange.js';
import { asRoot, connections } from '../system/support/netflow.js';
import { Peer } from '../system/support/peer.js';

/** Not every machine's kernel has SCTP; a guest's has its module. */
describe('every byte of a stream is counted once, for the process that moved it', function () {
  this.timeout(60_000);

  asRoot();

  it('over SCTP', async () => {
    const [client, server] = [new Peer('stream_send'), new Peer('stream_send')];
    await connect(client, server, { protocol: 'sctp' });
    await transfer(client, server, uploadSize);
    await transfer(server, client, downloadSize);
    await assertCounted(client, server);
    const rows = await connections({ pids: [client.pid] });
    assert.deepEqual(
      rows.map(({ protocol, state }) => [protocol, state]),
      [['sctp', 'established']],
    );
    await assertCountedAtEnd(client, server);
  });
});
