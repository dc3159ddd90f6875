import { closeSync } from 'node:fs';
import koffi from 'koffi';
import { NetFlowError } from '../../../errors.js';
import { describeErrno, errorNumbers } from '../errno.js';
import { socketCalls } from './calls.js';
import {
  askAcknowledgement,
  dumpInterrupted,
  messageType,
  parseAnswer,
  parseMessages,
  setSequence,
  type Answer,
  type Message,
} from './message.js';

/** What the kernel is asked to do. */
export interface Request {
  message: Buffer;
  /** What is to be said where it refuses: `The device netflow0 can't be added`. */
  failure: string;
  /** Errors that are none here, such as that what is to be removed has gone. */
  accepted?: readonly number[];
}

/**
 * Requests go out in groups of this many: the kernel drops answers that the socket has no room for, and by default
 * there is room for some 200.
 */
const batchLength = 64;

/** More than any datagram of the kernel's, which keeps to 32 KB. */
const receiveBuffer = Buffer.alloc(1 << 16);

/** SOL_NETLINK. */
export const netlinkLevel = 270;

/** How often a list is read again because it changed meanwhile. */
const dumpAttempts = 5;

/**
 * A connection to the kernel's routing and traffic control, rtnetlink. It belongs to the network namespace that its
 * thread was in when it was made, wherever the thread is later; it also keeps that namespace alive, so it has to be
 * closed soon.
 */
export class NetlinkSocket {
  readonly #fd: number;
  readonly #calls = socketCalls();
  #sequence = 0;

  constructor() {
    const [socketLevel, receiveTimeout] = [1, 20];
    const [shortAcknowledgements, extendedAcknowledgements] = [10, 11];
    this.#fd = openRouteSocket([
      [netlinkLevel, shortAcknowledgements, optionOf(1)],
      [netlinkLevel, extendedAcknowledgements, optionOf(1)],
      [socketLevel, receiveTimeout, seconds(2)],
    ]);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  /**
   * Has the kernel do these, one after the other. Throws the first refusal; others of the same batch are tried all the
   * same.
   */
  perform(requests: readonly Request[]): void {
    for (let at = 0; at < requests.length; at += batchLength) this.#performBatch(requests.slice(at, at + batchLength));
  }

  /** The messages that answer a request for a list. */
  dump({ message, failure }: Request): Message[] {
    for (let attempt = 0; attempt < dumpAttempts; attempt++) {
      const messages = this.#dumpOnce(message, failure);
      if (!messages.some(({ flags: bits }) => (bits & dumpInterrupted) !== 0)) return messages;
    }
    throw new NetFlowError('FAILED', `${failure}: it changes all the time.`);
  }

  /** What the kernel answers to each of these; undefined where it refuses in a way that is accepted. */
  ask(requests: readonly Request[]): (Message | undefined)[] {
    return requests.map(({ message, failure, accepted }) => {
      setSequence(message, ++this.#sequence);
      askAcknowledgement(message);
      this.#send(message);
      const { answer, messages } = this.#untilAnswered();
      if (answer.errno === 0) return messages[0];
      if (accepted?.includes(answer.errno)) return undefined;
      throw refusal(failure, answer);
    });
  }

  /** The kernel answers what it refuses, and the last one in any case: then it has been through all. */
  #performBatch(requests: readonly Request[]): void {
    const first = this.#sequence + 1;
    for (const { message } of requests) setSequence(message, ++this.#sequence);
    const last = requests.at(-1);
    if (last) askAcknowledgement(last.message);
    this.#send(Buffer.concat(requests.map(({ message }) => message)));
    const refused = this.#answers(first).flatMap(({ sequence, answer }) => {
      const request = requests[sequence - first];
      return request && !isFine(request, answer) ? [refusal(request.failure, answer)] : [];
    });
    if (refused[0]) throw refused[0];
  }

  /** Up to that for the newest request. */
  #answers(first: number): { sequence: number; answer: Answer }[] {
    const answers: { sequence: number; answer: Answer }[] = [];
    while (answers.at(-1)?.sequence !== this.#sequence) {
      for (const message of this.#receive()) {
        const { sequence, type } = message;
        if (sequence >= first && type === messageType.error) answers.push({ sequence, answer: parseAnswer(message) });
      }
    }
    return answers;
  }

  #dumpOnce(request: Buffer, failure: string): Message[] {
    setSequence(request, ++this.#sequence);
    this.#send(request);
    const { answer, messages } = this.#untilAnswered();
    if (answer.errno !== 0) throw refusal(failure, answer);
    return messages;
  }

  /** What comes for the newest request, up to the message that ends it. */
  #untilAnswered(): { answer: Answer; messages: Message[] } {
    const messages: Message[] = [];
    for (;;) {
      messages.push(...this.#receive().filter(({ sequence }) => sequence === this.#sequence));
      const end = messages.findIndex(({ type }) => type === messageType.error || type === messageType.done);
      const last = messages[end];
      if (last) return { answer: parseAnswer(last), messages: messages.slice(0, end) };
    }
  }

  #send(data: Buffer): void {
    if (this.#calls.send(this.#fd, data, data.length, 0) !== data.length) fail("The kernel can't be asked by netlink");
  }

  /**
   * The messages of the next datagram. The kernel has answered before send() returns; the time limit is for the worst.
   */
  #receive(): Message[] {
    const wholeLength = 0x20;
    for (;;) {
      const length = this.#calls.receive(this.#fd, receiveBuffer, receiveBuffer.length, wholeLength);
      if (length > receiveBuffer.length)
        throw new NetFlowError('FAILED', `The kernel's answer is ${length} bytes long.`);
      // The messages outlive the buffer.
      if (length >= 0) return parseMessages(Buffer.from(receiveBuffer.subarray(0, length)));
      if (koffi.errno() !== errorNumbers.EINTR) fail('The kernel has not answered by netlink');
    }
  }
}

/** Opens a socket for rtnetlink with these options: level, name and value of each. The caller closes it. */
export function openRouteSocket(options: readonly (readonly [level: number, name: number, value: Buffer])[]): number {
  const calls = socketCalls();
  const [netlink, rawCloseOnExec, route] = [16, 0x8_0003, 0];
  const fd = calls.socket(netlink, rawCloseOnExec, route);
  if (fd < 0) fail("A netlink socket can't be opened");
  try {
    for (const [level, name, value] of options) {
      if (calls.setOption(fd, level, name, value, value.length) !== 0) fail("A netlink socket can't be set up");
    }
    // Then nobody but the kernel can send to it: a namespace's administrator could forge answers otherwise.
    const kernel = Buffer.from(Uint32Array.of(netlink, 0, 0).buffer);
    if (calls.connect(fd, kernel, kernel.length) !== 0) fail("A netlink socket can't be connected");
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

export function optionOf(value: number): Buffer {
  return Buffer.from(Uint32Array.of(value).buffer);
}

/** struct timeval. */
export function seconds(count: number): Buffer {
  return Buffer.from(BigInt64Array.of(BigInt(count), 0n).buffer);
}

function isFine({ accepted }: Request, { errno }: Answer): boolean {
  return errno === 0 || (accepted?.includes(errno) ?? false);
}

function refusal(failure: string, { errno, text }: Answer): NetFlowError {
  return new NetFlowError(
    errno === errorNumbers.EPERM ? 'NOT_PERMITTED' : 'DRIVER_UNAVAILABLE',
    `${failure}: ${describeErrno(errno)}${text ? ` (${text.replace(/\.$/u, '')})` : ''}.`,
  );
}

function fail(what: string): never {
  throw refusal(what, { errno: koffi.errno(), text: '' });
}
