import { advapi32 } from './advapi32.js';

const characters = 512;

/** The names of users by their security identifiers. Windows is asked once for each. */
export class Accounts {
  readonly #names = new Map<string, string>();

  /** `DOMAIN\name`; the identifier's text where it has no name, and an empty text without an identifier. */
  name(sid: Buffer | undefined): string {
    if (!sid) return '';
    const text = sidText(sid);
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const name = lookUp(sid) ?? text;
    this.#names.set(text, name);
    return name;
  }
}

function lookUp(sid: Buffer): string | null {
  const [name, domain] = [Buffer.alloc(2 * characters), Buffer.alloc(2 * characters)];
  const [nameLength, domainLength] = [[characters], [characters]];
  if (!advapi32.LookupAccountSidW(null, sid, name, nameLength, domain, domainLength, [0])) return null;
  const user = name.toString('utf16le', 0, 2 * (nameLength[0] ?? 0));
  const of = domain.toString('utf16le', 0, 2 * (domainLength[0] ?? 0));
  return of === '' ? user : `${of}\\${user}`;
}

/** `S-1-5-18`, as [MS-DTYP] 2.4.2.1 has it: an authority of six bytes, the highest first, then words of four. */
export function sidText(sid: Buffer): string {
  const count = sid[1] ?? 0;
  if (sid.length < 8 + 4 * count) return '';
  const parts = Array.from({ length: count }, (_, index) => sid.readUInt32LE(8 + 4 * index));
  return ['S', sid[0], sid.readUIntBE(2, 6), ...parts].join('-');
}
