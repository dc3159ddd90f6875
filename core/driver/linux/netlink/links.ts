import { errorNumbers } from '../errno.js';
import { attribute, flags, message, nested, numberOf, parseAttributes, textOf, type Message } from './message.js';
import type { NetlinkSocket, Request } from './socket.js';

const types = { newLink: 16, deleteLink: 17, getLink: 18 } as const;

/** enum of IFLA_…, linux/if_link.h. */
const field = {
  name: 3,
  mtu: 4,
  link: 5,
  master: 10,
  queueLength: 13,
  info: 18,
  alias: 20,
  families: 26,
  extensions: 29,
  queues: 31,
  largestSegments: 40,
} as const;
const infoKind = 1;
const infoData = 2;
const isUp = 1;
const withoutStatistics = attribute(field.extensions, 8);

/** What a device may be given. */
export interface LinkSettings {
  name?: string;
  mtu?: number;
  /** How many packets wait in it. */
  queueLength?: number;
  /** How many queues it sends by. */
  queues?: number;
  /** Packets that are worth more than so many segments are cut before they get to it. */
  largestSegments?: number;
}

/** A device that is to be made, by its number in its namespace. */
export interface NewLink extends LinkSettings {
  index: number;
  name: string;
}

/** A device that is there. */
export interface Link {
  index: number;
  name: string;
  /** `veth`, `macvlan`; empty for hardware. */
  kind: string;
  alias: string;
  mtu: number;
  isUp: boolean;
  /** The number of the bridge, bond or VRF that it is a part of; 0: none. */
  master: number;
}

/** Two devices of which each receives what the other one sends. */
export function addVeth(link: NewLink, peer: NewLink): Request {
  const vethPeer = 1;
  return addLink(link, [], 'veth', [attribute(vethPeer, [linkHeader(peer.index), ...settingsAttributes(peer)])]);
}

/** A device that sends by the one below it, and shares nothing with others on that. */
export function addPrivateMacvlan(link: NewLink, below: number): Request {
  const [mode, privateMode] = [1, 1];
  return addLink(link, [attribute(field.link, below)], 'macvlan', [attribute(mode, privateMode)]);
}

/** Has a device get no IPv6 address by itself. Where the kernel has no IPv6 that is so anyway. */
export function withoutAddresses(index: number): Request {
  const [ipv6, addressMode, none] = [10, 8, Buffer.of(1)];
  return {
    message: message(types.newLink, 0, linkHeader(index), [
      attribute(field.families, [attribute(ipv6, [attribute(addressMode, none)])]),
    ]),
    failure: `The device ${index} can't be kept without addresses`,
    accepted: [errorNumbers.EAFNOSUPPORT],
  };
}

/** Gives a device a text that nothing but people and programs who look for it read. */
export function setAlias(index: number, alias: string): Request {
  return {
    message: message(types.newLink, 0, linkHeader(index), [attribute(field.alias, alias)]),
    failure: `The device ${index} can't be given an alias`,
  };
}

export function bringUp(index: number): Request {
  return {
    message: message(types.newLink, 0, linkHeader(index, isUp)),
    failure: `The device ${index} can't be brought up`,
  };
}

/** Deletes a device and what stands on it, such as a macvlan, and a veth's other end; or finds that it has gone. */
export function deleteLink(index: number): Request {
  return {
    message: message(types.deleteLink, 0, linkHeader(index)),
    failure: `The device ${index} can't be deleted`,
    accepted: [errorNumbers.ENODEV],
  };
}

/** All devices of the socket's namespace. */
export function readLinks(socket: NetlinkSocket): Link[] {
  const request = message(types.getLink, flags.dump, linkHeader(0), [withoutStatistics]);
  return socket.dump({ message: request, failure: "The devices can't be listed" }).map(parseLink);
}

/** Those of these devices that are there. A machine may have thousands of others. */
export function findLinks(socket: NetlinkSocket, indexes: readonly number[]): Link[] {
  const requests = indexes.map((index) => ({
    message: message(types.getLink, 0, linkHeader(index), [withoutStatistics]),
    failure: `The device ${index} can't be looked at`,
    accepted: [errorNumbers.ENODEV],
  }));
  return socket.ask(requests).flatMap((answer) => (answer ? [parseLink(answer)] : []));
}

function addLink(link: NewLink, more: readonly Buffer[], kind: string, data: readonly Buffer[]): Request {
  return {
    message: message(types.newLink, flags.create | flags.exclusive, linkHeader(link.index), [
      ...settingsAttributes(link),
      ...more,
      attribute(field.info, [attribute(infoKind, kind), attribute(infoData, data)]),
    ]),
    failure: `The device ${link.name} can't be added`,
  };
}

function settingsAttributes({ name, mtu, queueLength, queues, largestSegments }: LinkSettings): Buffer[] {
  return [
    ...(mtu === undefined ? [] : [attribute(field.mtu, mtu)]),
    ...(queueLength === undefined ? [] : [attribute(field.queueLength, queueLength)]),
    ...(queues === undefined ? [] : [attribute(field.queues, queues)]),
    ...(largestSegments === undefined ? [] : [attribute(field.largestSegments, largestSegments)]),
    ...(name === undefined ? [] : [attribute(field.name, name)]),
  ];
}

/** struct ifinfomsg; the flags are those to set. */
function linkHeader(index: number, setFlags = 0): Buffer {
  const header = Buffer.alloc(16);
  header.writeInt32LE(index, 4);
  header.writeUInt32LE(setFlags, 8);
  header.writeUInt32LE(setFlags, 12);
  return header;
}

function parseLink({ body }: Message): Link {
  const attributes = parseAttributes(body, 16);
  return {
    index: body.readInt32LE(4),
    name: textOf(attributes, field.name) ?? '',
    kind: textOf(nested(attributes, field.info), infoKind) ?? '',
    alias: textOf(attributes, field.alias) ?? '',
    mtu: numberOf(attributes, field.mtu) ?? 0,
    isUp: (body.readUInt32LE(8) & isUp) !== 0,
    master: numberOf(attributes, field.master) ?? 0,
  };
}
