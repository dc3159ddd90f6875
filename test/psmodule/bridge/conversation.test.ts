import assert from 'node:assert/strict';
import { Conversation } from '../../../psmodule/bridge/conversation.js';
import { decodePayload, encodeMessage, headerBytes, replies, requests } from '../../../psmodule/bridge/wire.js';

/** What the host sends, as [kind, texts]. */
function converse(): { conversation: Conversation; sent: [number, string[]][] } {
  const sent: [number, string[]][] = [];
  const conversation = new Conversation((message) => {
    sent.push([message[headerBytes - 1] ?? 0, decodePayload(message.subarray(headerBytes)).texts]);
  });
  return { conversation, sent };
}

describe('a conversation', () => {
  it('answers what it does not know with an error', async () => {
    const { conversation, sent } = converse();
    conversation.receive(99, encodeMessage(99, []).subarray(headerBytes));
    await conversation.settled();
    assert.equal(sent.length, 1);
    assert.deepEqual([sent[0]?.[0], sent[0]?.[1][0]], [replies.error, 'INVALID_ARGUMENT']);
  });

  it('answers a payload that is none with an error, and goes on', async () => {
    const { conversation, sent } = converse();
    conversation.receive(requests.traffic, Buffer.from([1, 2, 3]));
    conversation.receive(requests.traffic, encodeMessage(0, [[[-1]], []]).subarray(headerBytes));
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
      conversation.receive(requests.rates, encodeMessage(requests.rates, [table]).subarray(headerBytes));
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
    conversation.receive(requests.traffic, encodeMessage(0, [[[-1]], []]).subarray(headerBytes));
    await conversation.settled();
    assert.deepEqual(sent, []);
  });
});
