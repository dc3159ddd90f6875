import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { agentProgram, nodeProgram } from '../../../root.js';
import type { Libc } from '../libc.js';
import { alone } from '../lock.js';
import { agentLockFile, pinDirectory, savedRulesFile } from '../paths.js';
import { applyRules } from './apply.js';
import { forgetGone, refresh } from './coverage.js';
import { fitWindows } from './fit-windows.js';
import { coveredNamespaces, type Namespace } from './namespaces.js';
import { living, readMembers } from './processes.js';
import { removeUnused, shareOut, slowDown, type Users } from './share-out.js';
import { cleanEnvironment, runSystemProgram } from '../system-program.js';
import { RuleMaps, type LeftClasses } from './rule-maps.js';
import { fingerprint } from './plan.js';
import { readSavedRules } from './saved-rules.js';

const tickMs = 100;
/** New interfaces are looked for every so many ticks. */
const interfaceTicks = 5;
/** What is to leave a queue faster than its limit has so many ticks for it. */
const hurryTicks = 2;
/** Every so many ticks all is looked at, whatever the driver says. */
const fullTicks = 50;

/** Starts the agent, where none runs. It outlives this process. The caller holds the driver's lock. */
export function ensureAgent(libc: Libc): void {
  if (isAgentThere(libc)) return;
  const command = [nodeProgram(), agentProgram()];
  if (!startAsUnit(command)) startDetached(command);
}

/** Has the agent's unit start at once. As other units it would come after sysinit.target, which may wait for the caller. */
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
function isAgentThere(libc: Libc): boolean {
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
    for (let tick = 0; tick < 30; tick++) {
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
      await setTimeout(tickMs);
    }
    // Whoever sets a limit now either finds work given here, or no agent and starts one.
    const isDone = await alone(() => {
      const hasNone = !agent.hasWork();
      if (hasNone) closeSync(lock);
      return hasNone;
    });
    if (isDone) return;
  }
}

/** Of one failure after the other. */
class Failures {
  #count = 0;
  #lastSaid = '';

  forget(): void {
    this.#count = 0;
  }

  /**
   * What has failed may go better a moment later, as where a namespace has just gone, or some seconds later; the driver
   * keeps the limits that it has meanwhile. Each is said once.
   */
  async sayAndWait(error: unknown): Promise<void> {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (text !== this.#lastSaid) console.error(text);
    this.#lastSaid = text;
    this.#count += 1;
    await setTimeout(Math.min(tickMs * 2 ** this.#count, fullTicks * tickMs));
  }
}

class Agent {
  readonly #libc: Libc;
  readonly #driver: number;
  readonly #maps: RuleMaps;
  #ticks = 0;
  #work = -1n;
  #version = -1;
  #saved = '';
  #namespaces: Namespace[] = [];
  #isQuiet = false;
  #hurried: { classes: LeftClasses; until: number }[] = [];

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#driver = driverNumber();
    this.#maps = new RuleMaps();
  }

  hasWork(): boolean {
    return driverNumber() === this.#driver && this.#maps.state().rules > 0;
  }

  async tick(): Promise<void> {
    const ticks = this.#ticks++;
    if (ticks % interfaceTicks === 0) await this.#alone(() => this.#lookForInterfaces());
    if ((this.#hurried[0]?.until ?? Infinity) <= ticks) await this.#alone(() => this.#slowDown());
    const { version, applied } = this.#maps.state();
    const saved = savedVersion();
    const isNews =
      this.#maps.news().work !== this.#work || version !== this.#version || saved !== this.#saved || applied === 0n;
    const isFull = ticks % fullTicks === 0;
    if (!isNews && !isFull) return;
    await this.#alone(() => this.#catchUp(isFull));
    this.#saved = saved;
  }

  /** Not while the driver is being stopped: then there is nothing left to do. */
  async #alone(work: () => void | Promise<void>): Promise<void> {
    await alone(async () => {
      if (driverNumber() === this.#driver) await work();
    });
  }

  #lookForInterfaces(): void {
    const isComplete = refresh(this.#libc, this.#namespaces);
    // Which takes a walk through the kernel's whole table of connections.
    if (!this.#isQuiet) fitWindows(this.#libc, this.#maps, this.#namespaces);
    if (isComplete && this.#namespaces.length > 0) return;
    forgetGone();
    this.#namespaces = coveredNamespaces();
  }

  #shareOut(users: Users): boolean {
    const { isComplete, hurried } = shareOut(this.#libc, this.#maps, users);
    if (hurried.size > 0) this.#hurried.push({ classes: hurried, until: this.#ticks + hurryTicks });
    return isComplete;
  }

  #slowDown(): void {
    const first = this.#hurried.shift();
    if (first) slowDown(this.#libc, this.#maps, first.classes);
  }

  async #catchUp(isFull: boolean): Promise<void> {
    const { work, limitEpoch } = this.#maps.news();
    const saved = readSavedRules();
    const processes = living(this.#maps.processes());
    const { applied, rules } = this.#maps.state();
    // The driver has removed the rules of processes that have ended; what depends on their number is up to this.
    const isCurrent = applied === fingerprint(saved) && rules === this.#maps.paths().size + processes.size;
    if (!isCurrent) await applyRules(this.#libc, this.#maps, { saved, processes });
    const members = readMembers();
    const { limited, left } = fitWindows(this.#libc, this.#maps, coveredNamespaces());
    const isComplete = this.#maps.state().rules === 0 || this.#shareOut({ members, left });
    if (isFull) removeUnused(this.#libc, this.#maps, { members, left });
    this.#namespaces = coveredNamespaces();
    this.#isQuiet = limited + members.length === 0;
    if (this.#isQuiet) this.#maps.setQuiet(limitEpoch);
    this.#work = isComplete ? work : -1n;
    this.#version = this.#maps.state().version;
  }
}

/** Tells this driver from a later one; 0 where none runs. */
function driverNumber(): number {
  return statSync(pinDirectory, { throwIfNoEntry: false })?.ino ?? 0;
}

/** Tells saved rules from later ones. */
function savedVersion(): string {
  const file = statSync(savedRulesFile, { throwIfNoEntry: false });
  return file ? `${file.ino} ${file.mtimeMs} ${file.size}` : '';
}
