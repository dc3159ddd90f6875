import { layout } from '../layout.generated.js';
import {
  addPrivateMacvlan,
  addVeth,
  bringUp,
  deleteLink,
  findLinks,
  readLinks,
  setAlias,
  withoutAddresses,
  type Link,
  type NewLink,
} from '../netlink/links.js';
import type { NetlinkSocket } from '../netlink/socket.js';

const { queueDevice, lowerDevice, peerDevice, splitDevice } = layout;

/**
 * The devices of detour.h: where packets wait, the one below it that hands them back, its other end, and one that
 * cuts.
 */
export const ownDevices: readonly number[] = [queueDevice, lowerDevice, peerDevice, splitDevice];

/** Says whose a device is to whoever wonders, and to NetFlow. */
const alias = 'NetFlow: where what limited processes transfer waits';

/** Packets of every size go through them whole. */
const mtu = 65_535;

/** The names that the devices get in this namespace: the first four of netflow0, netflow1, … that nobody has. */
export function freeNames(socket: NetlinkSocket): string[] {
  const taken = new Set(readLinks(socket).map(({ name }) => name));
  const names: string[] = [];
  for (let number = 0; names.length < ownDevices.length; number++) {
    if (!taken.has(`netflow${number}`)) names.push(`netflow${number}`);
  }
  return names;
}

/** Makes the devices, which don't let anything through yet. */
export function makeDevices(socket: NetlinkSocket): void {
  const names = freeNames(socket);
  const device = (index: number): NewLink => ({ index, name: names[ownDevices.indexOf(index)] ?? '', mtu });
  // What is not there yet is asked for alone: what comes after it goes by its number, which may be somebody else's.
  socket.perform([addVeth(device(lowerDevice), device(peerDevice))]);
  socket.perform([addPrivateMacvlan({ ...device(queueDevice), queueLength: 10_000, queues: 1 }, lowerDevice)]);
  socket.perform([addPrivateMacvlan({ ...device(splitDevice), largestSegments: 1 }, lowerDevice)]);
  socket.perform(ownDevices.flatMap((index) => [setAlias(index, alias), withoutAddresses(index)]));
}

export function bringUpDevices(socket: NetlinkSocket): void {
  socket.perform([peerDevice, lowerDevice, queueDevice, splitDevice].map(bringUp));
}

/** Takes them away with all that waits there. A device of somebody else's stays, whatever its name or number. */
export function removeDevices(socket: NetlinkSocket): void {
  const own = findLinks(socket, ownDevices).filter(isOwn);
  socket.perform(own.map(({ index }) => deleteLink(index)));
}

/** True where all are there and let packets through. */
export function areDevicesWhole(socket: NetlinkSocket): boolean {
  const links = findLinks(socket, ownDevices);
  return links.length === ownDevices.length && links.every((link) => isOwn(link) && link.isUp);
}

/** A device of somebody else's that has a number that has to be one of ours. */
export function foreignDevice(socket: NetlinkSocket): Link | null {
  return findLinks(socket, ownDevices).find((link) => !isOwn(link)) ?? null;
}

/** One that was made a moment before a kill has no alias yet. */
function isOwn({ index, kind, alias: text, name }: Link): boolean {
  const ownKind = index === lowerDevice || index === peerDevice ? 'veth' : 'macvlan';
  return kind === ownKind && (text === alias || (text === '' && /^netflow\d+$/u.test(name)));
}
