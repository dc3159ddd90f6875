import { statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Libc } from '../libc.js';
import { alone } from '../lock.js';
import { pinDirectory, savedRulesFile } from '../paths.js';
import { applyRules } from './apply.js';
import { Changes } from './changes.js';
import type { ClassPlan } from './class-plan.js';
import type { HurriedClass } from './classes.js';
import { forgetGone, mend, uncoverAll } from './coverage.js';
import { fitWindows, type Walk } from './fit-windows.js';
import { allNamespaces, coveredNamespaces, type Namespace } from './namespaces.js';
import { fingerprint } from './plan.js';
import { living, readMembers } from './processes.js';
import { RuleMaps } from './rule-maps.js';
import { readSavedRules } from './saved-rules.js';
import { removeUnused, shareOut, slowDown, type Users } from './share-out.js';

const tickMs = 100;
/** Namespaces in which somebody is limited are looked at every so many ticks. */
const lookTicks = 5;
/** What is to leave a queue faster than its limit has so many ticks for it. */
const hurryTicks = 2;
/**
 * Every so many ticks all is looked at, whatever the driver says; where that takes long, no more than this part of the
 * time.
 */
const fullTicks = 50;
const fullShare = 0.01;
/** A look at all that takes less than this is taken whenever there is something new. */
const shortMs = 10;
/** How long the lock is held to remove devices. */
const tidyMs = 200;

/** Of one failure after the other. */
export class Failures {
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

export class Agent {
  readonly #libc: Libc;
  readonly #driver: number;
  readonly #maps: RuleMaps;
  readonly #changes = new Changes();
  #ticks = 0;
  #nextFull = 0;
  #fullMs = 0;
  #work = -1n;
  #version = -1;
  #saved = '';
  #plan: ClassPlan = { all: new Map(), used: new Map() };
  #namespaces: readonly Namespace[] = [];
  #busy: ReadonlySet<number> = new Set();
  #isQuiet = false;
  #hurried: { classes: readonly HurriedClass[]; until: number }[] = [];

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#driver = driverNumber();
    this.#maps = new RuleMaps();
  }

  hasWork(): boolean {
    return driverNumber() === this.#driver && this.#maps.state().rules > 0;
  }

  /** Takes away what is left of the last limits; false where that isn't done yet. */
  tidyUp(): boolean {
    return driverNumber() !== this.#driver || uncoverAll(this.#libc, tidyMs);
  }

  end(): void {
    this.#changes.close();
  }

  async tick(): Promise<void> {
    const ticks = this.#ticks++;
    if ((this.#hurried[0]?.until ?? Infinity) <= ticks) await this.#alone(() => this.#slowDown());
    const { version, applied } = this.#maps.state();
    const saved = savedVersion();
    const isNews =
      this.#maps.news().work !== this.#work || version !== this.#version || saved !== this.#saved || applied === 0n;
    const isFull = ticks >= this.#nextFull;
    if (isNews || isFull) {
      await this.#alone(() => this.#catchUp(isFull));
      this.#saved = saved;
    } else if (ticks % lookTicks === 0) {
      await this.#alone(() => this.#look(this.#namespaces.filter((namespace) => this.#isBusy(namespace))));
    }
    await this.#watch(performance.now() + tickMs);
  }

  /** Looks at once where something changes. Whoever changes things all the time gets no more than a fifth of a core. */
  async #watch(end: number): Promise<void> {
    for (;;) {
      const left = end - performance.now();
      if (left <= 0) return;
      const changed = await this.#changes.wait(left);
      if (changed.size === 0) continue;
      const begun = performance.now();
      await this.#alone(() => this.#mend(this.#namespaces.filter(({ inode }) => changed.has(inode))));
      await setTimeout(4 * (performance.now() - begun));
    }
  }

  /** Not while the driver is being stopped: then there is nothing left to do. */
  async #alone(work: () => void | Promise<void>): Promise<void> {
    await alone(async () => {
      if (driverNumber() === this.#driver) await work();
    });
  }

  #look(namespaces: readonly Namespace[]): void {
    this.#mend(namespaces);
    // Which takes a walk through the kernel's whole table of connections.
    if (!this.#isQuiet) fitWindows(this.#libc, this.#maps, namespaces);
  }

  /** What has been changed since by a command is looked at when this has caught up with it. */
  #mend(namespaces: readonly Namespace[]): void {
    if (this.#maps.state().version !== this.#version) return;
    const hurried = this.#hurried.flatMap(({ classes }) => classes.map(({ id, rate }) => [id, rate] as const));
    const all = new Map([...this.#plan.all, ...hurried]);
    if (!mend(this.#libc, namespaces, { ...this.#plan, all })) this.#listNamespaces();
  }

  #listNamespaces(): void {
    forgetGone();
    this.#namespaces = coveredNamespaces();
  }

  #shareOut(users: Users): boolean {
    const { isComplete, hurried, plan } = shareOut(this.#libc, this.#maps, users);
    if (hurried.length > 0) this.#hurried.push({ classes: hurried, until: this.#ticks + hurryTicks });
    this.#plan = plan;
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
    const isWhole = isFull || this.#fullMs < shortMs;
    const { limited, left } = this.#walk(isWhole);
    const isComplete = this.#maps.state().rules === 0 || this.#shareOut({ members, left });
    if (isWhole) removeUnused(this.#libc, this.#maps, { members, left });
    this.#namespaces = coveredNamespaces();
    this.#changes.watch(this.#namespaces);
    this.#isQuiet = isWhole && limited + members.length === 0;
    if (this.#isQuiet) this.#maps.setQuiet(limitEpoch);
    this.#work = isComplete ? work : -1n;
    this.#version = this.#maps.state().version;
    if (isFull) this.#mend(this.#namespaces);
  }

  /** Whether somebody is limited there, as far as is known. */
  #isBusy({ inode }: Namespace): boolean {
    return this.#busy.has(inode) || this.#plan.used.has(inode);
  }

  /** Through the connections of all namespaces, or of those in which somebody is limited. */
  #walk(isWhole: boolean): Walk {
    const begun = performance.now();
    const namespaces = isWhole ? coveredNamespaces(allNamespaces()) : this.#namespaces;
    const isConcerned = (namespace: Namespace): boolean => isWhole || this.#isBusy(namespace);
    const walk = fitWindows(this.#libc, this.#maps, namespaces.filter(isConcerned));
    if (!isWhole) return walk;
    this.#busy = walk.busy;
    this.#fullMs = performance.now() - begun;
    this.#nextFull = this.#ticks + Math.max(fullTicks, Math.ceil(this.#fullMs / fullShare / tickMs));
    return walk;
  }
}

/** Tells this driver from a later one; 0 where none runs. */
export function driverNumber(): number {
  return statSync(pinDirectory, { throwIfNoEntry: false })?.ino ?? 0;
}

/** Tells saved rules from later ones. */
function savedVersion(): string {
  const file = statSync(savedRulesFile, { throwIfNoEntry: false });
  return file ? `${file.ino} ${file.mtimeMs} ${file.size}` : '';
}
