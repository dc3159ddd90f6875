import type { Side } from '../system/support/pump.js';

type Run = (...command: string[]) => string;

export interface HandMadeHtb {
  /** Puts the connections to this port under the limit. */
  addPort: (port: number) => void;
  remove: () => void;
}

/**
 * A limit as wondershaper and TrafficToll make it: an HTB class for flows that a filter tells by their port; for what is
 * received on an interface behind an ifb, since queues are there for what is sent.
 */
export function shapeByPort(run: Run, device: string, side: Side, rate: number): HandMadeHtb {
  const isReceived = side === 'receive' && device !== 'lo';
  const shaped = isReceived ? 'shaped0' : device;
  if (isReceived) {
    run('ip', 'link', 'add', shaped, 'type', 'ifb');
    run('ip', 'link', 'set', shaped, 'up');
    run('tc', 'qdisc', 'add', 'dev', device, 'ingress');
    const all = ['protocol', 'ip', 'u32', 'match', 'u32', '0', '0'];
    const redirect = ['action', 'mirred', 'egress', 'redirect', 'dev', shaped];
    run('tc', 'filter', 'add', 'dev', device, 'parent', 'ffff:', ...all, ...redirect);
  }
  run('tc', 'qdisc', 'add', 'dev', shaped, 'root', 'handle', '1:', 'htb', 'default', '0');
  run('tc', 'class', 'add', 'dev', shaped, 'parent', '1:', 'classid', '1:1', 'htb', 'rate', `${rate}bps`);
  return {
    addPort(port) {
      const match = ['u32', 'match', 'ip', 'dport', String(port), '0xffff', 'flowid', '1:1'];
      run('tc', 'filter', 'add', 'dev', shaped, 'parent', '1:', 'protocol', 'ip', 'prio', '1', ...match);
    },
    remove() {
      run('tc', 'qdisc', 'delete', 'dev', shaped, 'root');
      if (!isReceived) return;
      run('tc', 'qdisc', 'delete', 'dev', device, 'ingress');
      run('ip', 'link', 'delete', shaped);
    },
  };
}
