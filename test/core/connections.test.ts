import assert from 'node:assert/strict';
import { connectionSelector, type ConnectionFilter } from '../../core/connections.js';
import { connectionRecord } from '../support/memory-driver.js';

describe('connections', () => {
  const rows = [
    connectionRecord({ processId: 1, remoteAddress: '10.1.2.3', remotePort: 443, downloadBytes: 5 }),
    connectionRecord({ processId: 2, remoteAddress: '2001:db8::7', localPort: 22, remotePort: 9, uploadBytes: 9 }),
    connectionRecord({ processId: 3, protocol: 'udp', state: '', remoteAddress: '192.0.2.1', remotePort: 443 }),
    connectionRecord({ processId: 4, state: 'listen', localPort: 443, remoteAddress: '0.0.0.0', remotePort: 0 }),
    connectionRecord({
      processId: 5,
      protocol: 'packet',
      state: '',
      remoteAddress: '',
      localPort: 0,
      remotePort: 0,
      downloadBytes: 7,
    }),
  ];
  const selected: [ConnectionFilter, number[]][] = [
    [{}, [1, 2, 3, 4, 5]],
    [{ remotes: ['10.1.2.3'] }, [1]],
    [{ remotes: ['10.0.0.0/8', '[2001:DB8::]/32'] }, [1, 2]],
    [{ remotes: ['::ffff:10.1.2.3', '::ffff:192.0.2.0/120'] }, [1, 3]],
    [{ remotes: ['0.0.0.0/0'] }, [1, 3, 4]],
    [{ remotes: ['10.1.2.4/31'] }, []],
    [{ locals: ['127.0.0.0/8'], remotes: ['10.0.0.0/8'] }, [1]],
    [{ ports: [443] }, [1, 3, 4]],
    [{ localPorts: [443] }, [4]],
    [{ remotePorts: [443] }, [1, 3]],
    [{ ports: [22, 9] }, [2]],
    [{ states: ['LISTEN'] }, [4]],
    [{ protocols: ['udp', 'packet'] }, [3, 5]],
    [{ ports: [443], protocols: ['tcp'], states: ['established'] }, [1]],
    [{ top: 2 }, [2, 5]],
    [{ sort: 'remoteAddress', top: 3 }, [5, 4, 1]],
    [{ sort: 'downloadBytes', protocols: ['tcp'] }, [1, 2, 4]],
  ];
  for (const [filter, ids] of selected) {
    it(`of ${JSON.stringify(filter)} are ${ids.join(', ')}`, () => {
      assert.deepEqual(
        connectionSelector(filter)(rows).map(({ processId }) => processId),
        ids,
      );
    });
  }

  for (const remote of [
    '',
    'example.org',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0:80',
    '[::1]:80',
    '::/129',
    '::ffff:1.2.3.4/95',
    'fe80::1%lo',
    '/8',
  ]) {
    it(`have no other side ${JSON.stringify(remote)}`, () => {
      assert.throws(() => connectionSelector({ remotes: [remote] }), {
        code: 'INVALID_ARGUMENT',
        message: /^Invalid address/u,
      });
    });
  }
});
