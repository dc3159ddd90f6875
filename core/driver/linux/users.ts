import { readFileSync } from 'node:fs';

/**
 * Names users by their ids. /etc/passwd answers for nearly all and costs nothing; only for the others are the machine's
 * directory services (LDAP, SSSD) asked, through the C library.
 */
export class UserNames {
  readonly #names = new Map<number, string>();
  readonly #unknown = new Set<number>();

  constructor() {
    for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
      const [name, , uid] = line.split(':');
      const id = Number(uid);
      if (name && uid && !this.#names.has(id)) this.#names.set(id, name);
    }
  }

  /** The name; for one that is not known yet the number as text, until `learn` has been called. */
  readonly name = (uid: number): string => {
    const name = this.#names.get(uid);
    if (name === undefined) this.#unknown.add(uid);
    return name ?? String(uid);
  };

  /** Looks up those that `name` did not know; false where there were none. */
  async learn(): Promise<boolean> {
    if (this.#unknown.size === 0) return false;
    const { loadLibc } = await import('./libc.js');
    const libc = loadLibc();
    for (const uid of this.#unknown) this.#names.set(uid, libc.userName(uid) ?? String(uid));
    this.#unknown.clear();
    return true;
  }
}
