import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { agentProgram, nodeProgram } from '../../../root.js';
import type { Libc } from '../libc.js';
import { alone } from '../lock.js';
import { agentLockFile } from '../paths.js';
import { cleanEnvironment, runSystemProgram } from '../system-program.js';
import { Agent, driverNumber, Failures } from './agent-work.js';

/** Between two times that the lock is held; and between two looks whether the agent has gone. */
const pauseMs = 20;
const endTicks = 30;
const tickMs = 100;

/** Starts the agent, where none runs. It outlives this process. The caller holds the driver's lock. */
export function ensureAgent(libc: Libc): void {
  if (isAgentThere(libc)) return;
  const command = [nodeProgram(), agentProgram()];
  if (!startAsUnit(command)) startDetached(command);
}

/**
 * Has the agent's unit start at once. As other units it would come after sysinit.target, which may wait for the
 * caller.
 */
const early = ['DefaultDependencies=no', 'Conflicts=shutdown.target', 'Before=shutdown.target'];

/**
 * Where systemd runs it starts the agent again should that crash. Nothing here waits for systemd: at boot the driver's
 * own unit calls this, and what it waited for could wait for that unit.
 */
function startAsUnit(command: readonly string[]): boolean {
  if (!existsSync('/run/systemd/system')) return false;
  const options = ['--quiet', '--collect', '--no-block', '--unit=netflow-agent', '--property=Restart=on-failure'];
  const properties = early.map((property) => `--property=${property}`);
  try {
    runSystemProgram('systemd-run', [...options, ...properties, '--', ...command], 10);
    return true;
  } catch {
    return false;
  }
}

function startDetached([program = '', ...args]: readonly string[]): void {
  const log = openSync(`${agentLockFile}.log`, 'w', 0o600);
  spawn(program, args, { cwd: '/', env: cleanEnvironment, detached: true, stdio: ['ignore', log, log] }).unref();
  closeSync(log);
}

/** The agent's process id; 0 where none runs. */
export function readAgentId(libc: Libc): number {
  return isAgentThere(libc) ? Number(readFileSync(agentLockFile, 'utf8')) : 0;
}

/** One that was killed has left its file, but not its lock. */
export function isAgentThere(libc: Libc): boolean {
  const lock = openSync(agentLockFile, 'a', 0o600);
  const isFree = libc.tryLock(lock);
  closeSync(lock);
  return !isFree;
}

/** Waits until the agent has seen that the driver has gone; ends it where it does not. */
export async function waitForAgent(libc: Libc): Promise<void> {
  if (!existsSync(agentLockFile)) return;
  const lock = openSync(agentLockFile, 'r');
  try {
    for (let tick = 0; tick < endTicks; tick++) {
      if (libc.tryLock(lock)) return;
      await setTimeout(tickMs);
    }
    const processId = readAgentId(libc);
    if (processId > 1) process.kill(processId, 'SIGKILL');
  } finally {
    closeSync(lock);
  }
}

/**
 * The agent's life: until there are no rules, or no driver, any more. The driver goes on holding the limits without it;
 * what comes new is its work: interfaces, network namespaces, processes, and rules that were saved but not applied.
 */
export async function runAgent(libc: Libc): Promise<void> {
  const lock = openSync(agentLockFile, 'a', 0o600);
  if (!libc.tryLock(lock)) return;
  writeFileSync(agentLockFile, String(process.pid));
  if (driverNumber() === 0) return;
  const agent = new Agent(libc);
  const failures = new Failures();
  for (;;) {
    while (agent.hasWork()) {
      await agent.tick().then(
        () => failures.forget(),
        (error: unknown) => failures.sayAndWait(error),
      );
    }
    // Whoever sets a limit now either finds work given here, or no agent and starts one.
    const isDone = await alone(() => {
      const hasNone = !agent.hasWork() && agent.tidyUp();
      if (hasNone) closeSync(lock);
      return hasNone;
    });
    if (isDone) break;
    await setTimeout(pauseMs);
  }
  agent.end();
}
