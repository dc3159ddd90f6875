import assert from 'node:assert/strict';
import { NetFlowError } from '../../../core/index.js';
import { Conversation } from '../../../psmodule/bridge/conversation.js';
import {
  decodePayload,
  encodeFrame,
  headerBytes,
  replies,
  requests,
  type Table,
} from '../../../psmodule/bridge/wire.js';
import { connectionRecord, MemoryDriver, processRecord, withDriver } from '../../support/memory-driver.js';

/** What the host sends, as [kind, texts]. */
function converse(): { conversation: Conversation; sent: [number, string[]][] } {
  const sent: [number, string[]][] = [];
  const conversation = new Conversation((message) => {
    sent.push([message[headerBytes - 1] ?? 0, decodePayload(message.subarray(headerBytes)).texts]);
  });
  return { conversation, sent };
}

const payloadOf = (...tables: Table[]): Buffer => encodeFrame(0, tables).subarray(headerBytes);

describe('a conversation', () => {
  it('answers what it does not know with an error', async () => {
    const { conversation, sent } = converse();
    conversation.receive(99, encodeFrame(99, []).subarray(headerBytes));
    await conversation.settled();
    assert.equal(sent.length, 1);
    assert.deepEqual([sent[0]?.[0], sent[0]?.[1][0]], [replies.error, 'INVALID_ARGUMENT']);
  });

  it('answers a payload that is none with an error, and goes on', async () => {
    const { conversation, sent } = converse();
    conversation.receive(requests.traffic, Buffer.from([1, 2, 3]));
    conversation.receive(requests.traffic, encodeFrame(0, [[[-1]], []]).subarray(headerBytes));
    await conversation.settled();
    assert.deepEqual(
      sent.map(([kind, [code]]) => [kind, code]),
      [
        [replies.error, 'FAILED'],
        [replies.error, 'INVALID_ARGUMENT'],
      ],
    );
  });

  it('reads rates: bytes per second, null for none; one that is none is an error', async () => {
    const messages: Buffer[] = [];
    const conversation = new Conversation((message) => void messages.push(message));
    const ask = (...rates: string[]): void => {
      const table = rates.map((rate) => [rate]);
      conversation.receive(requests.rates, encodeFrame(requests.rates, [table]).subarray(headerBytes));
    };
    ask('1MB', 'none', '10mbit', '1048576');
    ask('1MB', '10Mbps');
    await conversation.settled();
    const [rates, refused] = messages.map((message) => decodePayload(message.subarray(headerBytes)));
    assert.deepEqual(rates?.tables, [[[1_048_576], [NaN], [1_250_000], [1_048_576]]]);
    assert.equal(messages[1]?.[headerBytes - 1], replies.error);
    assert.equal(refused?.texts[0], 'INVALID_ARGUMENT');
  });

  it('takes a request for more when there is none', () => {
    const { conversation, sent } = converse();
    conversation.receive(requests.next, Buffer.alloc(0));
    assert.deepEqual(sent, []);
  });

  it('says nothing more once it has ended', async () => {
    const { conversation, sent } = converse();
    await conversation.end();
    conversation.receive(requests.traffic, encodeFrame(0, [[[-1]], []]).subarray(headerBytes));
    await conversation.settled();
    assert.deepEqual(sent, []);
  });
});

describe('a conversation about a machine', () => {
  let driver: MemoryDriver;
  let conversation: Conversation;
  /** Kind, texts and tables of each message. */
  let sent: { kind: number; texts: string[]; tables: number[][][] }[];
  let heard: () => void;
  const isBatch = (kind: number): boolean => kind === replies.batch;

  beforeEach(async () => {
    driver = new MemoryDriver();
    driver.processes = [
      processRecord({ processId: 7, name: 'sshd', uploadBytes: 5, startTime: 1000 }),
      processRecord({ processId: 8, name: 'curl', uploadBytes: 9, uploadLimit: 4096 }),
    ];
    driver.descriptions.set(7, { commandLine: null, service: 'ssh.service' });
    driver.descriptions.set(8, { commandLine: 'curl -O x', service: null });
    driver.connections = [connectionRecord({ processId: 7, processName: 'sshd' })];
    await driver.start();
    [sent, heard] = [[], () => undefined];
    conversation = new Conversation((message) => {
      sent.push({ kind: message[headerBytes - 1] ?? 0, ...decodePayload(message.subarray(headerBytes)) });
      heard();
    });
  });

  /** Asks, and for more as often as a batch comes. */
  async function ask(request: number, ...tables: Table[]): Promise<typeof sent> {
    heard = () => {
      if (isBatch(sent.at(-1)?.kind ?? 0)) setImmediate(() => conversation.receive(requests.next, Buffer.alloc(0)));
    };
    await withDriver(driver, async () => {
      conversation.receive(request, payloadOf(...tables));
      await conversation.settled();
    });
    return sent.splice(0);
  }

  /** The texts of a row, whose other cells are numbers, with null for what is not there. */
  const cells = ({ texts, tables }: (typeof sent)[number], row: number, textual: readonly number[]) =>
    tables[0]?.[row]?.map((cell, column) =>
      Number.isNaN(cell) ? null : textual.includes(column) ? texts[cell] : cell,
    );

  it('has the rows of those that are asked for by id or by name, and the ids that are missing', async () => {
    const [answer, ...more] = await ask(requests.traffic, [[8], [4_194_304]], [['ssh*'], ['nosuch']], [[false]]);
    assert.ok(answer);
    assert.deepEqual([answer.kind, more], [replies.last, []]);
    const textual = [2, 3, 4, 14, 15];
    const started = Date.UTC(2026, 0, 2, 3, 3, 5);
    assert.deepEqual(cells(answer, 0, textual), [
      ...[driver.time, 8, 'curl', '/usr/bin/curl', 'root', started, 9, 0, 0, 0, 4096, null, 0, 0, 'curl -O x', null],
    ]);
    assert.deepEqual(cells(answer, 1, textual), [
      ...[driver.time, 7, 'sshd', '/usr/bin/curl', 'root', 1000, 5, 0, 0, 0, null, null, 1, 0, null, 'ssh.service'],
    ]);
    assert.deepEqual(answer.tables.slice(1), [[[4_194_304]], [[1]]]);
  });

  it('has those that have ended where they are asked for', async () => {
    driver.processes.push(processRecord({ processId: 9, exited: true, uploadBytes: 1 }));
    for (const [exited, count] of [
      [true, 3],
      [false, 2],
    ] as const)
      assert.equal((await ask(requests.traffic, [], [], [[exited]]))[0]?.tables[0]?.length, count);
  });

  it('has connections', async () => {
    const [answer] = await ask(requests.connections, [], []);
    assert.ok(answer);
    const row = ['tcp', '127.0.0.1', 50_000, '192.0.2.1', 443, 'established', 7, 'sshd', 0, 0, 0, 0];
    assert.deepEqual(cells(answer, 0, [0, 1, 3, 5, 7]), row);
  });

  it('sends a batch for each reading of a watch, with the ids that are missing then', async () => {
    const messages = await ask(requests.watch, [[7], [4_194_304]], [], [[false, 0.1, 2]]);
    assert.deepEqual(
      messages.map(({ kind, tables }) => [kind, tables[0]?.length, tables[1]]),
      [
        [replies.batch, 1, [[4_194_304]]],
        [replies.batch, 1, [[4_194_304]]],
        [replies.last, undefined, undefined],
      ],
    );
  });

  it('ends a watch that nobody waits for any more', async () => {
    const began = new Promise<void>((resolve) => (heard = resolve));
    await withDriver(driver, async () => {
      conversation.receive(requests.watch, payloadOf([], [], [[false, 86_400, null]]));
      await began;
      await conversation.end();
    });
    assert.deepEqual(sent.map(({ kind }) => kind).slice(0, 1), [replies.batch]);
  });

  it('measures from the first batch until the next one is asked for', async () => {
    driver.measured = { uploadBytes: 1000, downloadBytes: 50, processes: 3 };
    const [begun, done] = await ask(requests.measure, [[7]]);
    assert.deepEqual([begun?.kind, begun?.tables, done?.kind], [replies.batch, [], replies.last]);
    assert.deepEqual(done?.tables[0]?.[0]?.slice(1, 4), [3, 1000, 50]);
    assert.equal(driver.openMeasurements, 0);
  });

  it('has the state of the driver', async () => {
    const [answer] = await ask(requests.driverStatus);
    assert.ok(answer);
    assert.deepEqual(cells(answer, 0, [0, 1, 2]), ['ebpf', 'running', '1.2.3', driver.time, 4, 2048]);
    const [name = 0, ok, detail = 0] = answer.tables[1]?.[0] ?? [];
    assert.deepEqual([answer.texts[name], ok, answer.texts[detail]], ['BTF', 0, 'not here']);
  });

  for (const [request, call] of [
    [requests.driverStart, 'start'],
    [requests.driverStop, 'stop'],
    [requests.driverInstall, 'install'],
    [requests.driverUninstall, 'uninstall'],
  ] as const) {
    it(`has the driver ${call}`, async () => {
      assert.deepEqual([(await ask(request))[0]?.kind, driver.calls.at(-1)], [replies.last, call]);
    });
  }

  it('says that the driver is started, where it takes that', async () => {
    await driver.stop();
    const [message, warning, last] = await ask(requests.traffic, [], [], [[false]]);
    assert.deepEqual(
      [message?.kind, message?.texts, warning?.kind, last?.kind],
      [replies.message, ['Starting the driver'], replies.warning, replies.last],
    );
  });

  it('warns of what fails nothing, such as a limit for a file that is not there', async () => {
    const change = [true, 1_048_576, false, null, null];
    const [warning, last] = await ask(requests.limitSet, [], [['/opt/later']], [change]);
    assert.deepEqual([warning?.kind, last?.kind], [replies.warning, replies.last]);
    assert.match(warning?.texts[0] ?? '', /^There is no "\/opt\/later" yet/u);
  });

  const failures: [string, Error, string[]][] = [
    ['of NetFlow as it is', new NetFlowError('NOT_PERMITTED', 'No: ask root.'), ['NOT_PERMITTED', 'No: ask root.']],
    [
      'of the driver with the cmdlet that helps',
      new NetFlowError('DRIVER_NOT_RUNNING', 'It does not run: start it.'),
      ['DRIVER_NOT_RUNNING', 'It does not run: start it (Start-NetFlowDriver).'],
    ],
    [
      'of the system with its name',
      new NetFlowError('FAILED', "It can't be read.", { cause: Object.assign(new Error('no'), { code: 'ENOENT' }) }),
      ['FAILED', "It can't be read.", 'ENOENT'],
    ],
    ['of anything else in one line', new Error('broken\n    at stack'), ['FAILED', 'broken']],
  ];
  for (const [what, error, texts] of failures) {
    it(`tells an error ${what}, and answers what comes next`, async () => {
      driver.fail('status', error);
      const [answer] = await ask(requests.driverStatus);
      assert.deepEqual([answer?.kind, answer?.texts], [replies.error, texts]);
      assert.equal((await ask(requests.driverStop))[0]?.kind, replies.last);
    });
  }
});
