import { existsSync, readFileSync } from 'node:fs';
import type { Limit, Requirement } from '../../../records.js';
import { loadedPrograms } from '../object-info.js';
import { describeLookAlikes } from './look-alikes.js';
import { readLinks } from '../netlink/links.js';
import { NetlinkSocket } from '../netlink/socket.js';
import { RuleMaps } from './rule-maps.js';
import { describeSending } from './sending.js';

/** What there is to say of how well the running driver can hold limits. */
export function describeLimits(): Requirement[] {
  using maps = new RuleMaps();
  const hasRules = maps.state().rules > 0;
  const all = [
    describeSending(),
    describePlaces(maps),
    ...(hasRules ? [describeTranslated(maps), ...describeRedirection(), ...describeDownloads()] : []),
  ];
  return all.map(({ name, ...rest }) => ({ name: `${name}, for limits`, ...rest }));
}

/** What whoever has just set these limits should know of where they can't hold, or only by dropping. */
export function limitDoubts({ path, downloadLimit }: Limit): string[] {
  using maps = new RuleMaps();
  const doubts = [describeSending(), describePlaces(maps), describeTranslated(maps)].filter(({ ok }) => !ok);
  const others = [...describeRedirection(), ...(downloadLimit === null ? [] : describeDownloads())];
  return [
    ...[...doubts, ...others].map(({ name, detail }) => `${name}: ${detail}`),
    ...(path === null ? [] : describeLookAlikes(path)),
  ];
}

/** A process that has no place in the driver's table has no limit. */
function describePlaces(maps: RuleMaps): Requirement {
  const ok = maps.news().unplaced === 0;
  return {
    name: 'places for processes',
    ok,
    detail: ok
      ? 'there has been one for each'
      : 'some processes found none, and so have no limit: stop the driver, and start it with room for more',
  };
}

/** The kernel is asked as it was when the driver was loaded. */
function describeTranslated(maps: RuleMaps): Requirement {
  const isKnown = maps.news().translates;
  const isTracked = existsSync('/sys/module/nf_conntrack');
  const isLate = 'unknown, since connection tracking came after the driver: such downloads are dropped where they are';
  return {
    name: 'translated addresses',
    ok: isKnown || !isTracked,
    detail: isKnown
      ? 'known to the driver'
      : isTracked
        ? `${isLate} too fast, until the driver is stopped and started again`
        : 'there are none: the kernel has no connection tracking loaded',
  };
}

/** Of enum bpf_prog_type: programs that hand what is sent to another socket, past the network. */
const redirectors = new Set([14, 16]);

function describeRedirection(): Requirement[] {
  const programs = loadedPrograms().filter(({ type }) => redirectors.has(type));
  if (programs.length === 0) return [];
  const names = [...new Set(programs.map(({ name }) => name).filter(Boolean))];
  const which = names.length === 0 ? '' : ` (${names.join(', ')})`;
  const detail = `what BPF programs${which} hand from one socket to another, past the network, is not held`;
  return [{ name: 'sockmap', ok: true, detail }];
}

/** What is different about downloads on this machine, as far as it can be seen; none where nothing is. */
function describeDownloads(): Requirement[] {
  const ways = unqueuedWays();
  const unqueued = `what comes through ${ways.join(', ')} does not wait, but is dropped where it is too fast`;
  const seenTwice = 'programs that listen to all packets, as tcpdump does, see those of limited processes twice';
  return [
    ...(ways.length > 0 ? [{ name: 'downloads', ok: true, detail: unqueued }] : []),
    ...(hasListeners() ? [{ name: 'packet sockets', ok: true, detail: seenTwice }] : []),
  ];
}

/** Whether a packet socket of this thread's network namespace takes every packet, or IP's. */
function hasListeners(): boolean {
  const all = '/proc/net/packet';
  return existsSync(all) && /^\S+ +\d+ +\d+ +(?:0003|0800|86dd) /mu.test(readFileSync(all, 'utf8'));
}

/** Of this thread's network namespace: its VRFs, and its bridges where what passes them is filtered as IP. */
function unqueuedWays(): string[] {
  using socket = new NetlinkSocket();
  const links = readLinks(socket);
  const masters = new Set(links.map(({ master }) => master));
  const bridges = filtersBridges() ? links.filter(({ kind, index }) => kind === 'bridge' && masters.has(index)) : [];
  return [
    ...links.filter(({ kind }) => kind === 'vrf').map(({ name }) => `the VRF ${name}`),
    ...bridges.map(({ name }) => `the bridge ${name} (br_netfilter)`),
  ];
}

function filtersBridges(): boolean {
  return ['ip', 'ip6'].some((family) => {
    const setting = `/proc/sys/net/bridge/bridge-nf-call-${family}tables`;
    return existsSync(setting) && readFileSync(setting, 'utf8').trim() !== '0';
  });
}
