import { readFileSync } from 'node:fs';

/** A line of /proc/self/mountinfo. */
export interface Mount {
  /** What of the file system is mounted; for a namespace its name, as `net:[4026531840]`. */
  root: string;
  target: string;
  type: string;
  /** What is mounted, in the words of whoever mounted it. */
  source: string;
}

/** In the order in which they were mounted. */
export function readMounts(): Mount[] {
  return parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** What was mounted last on a folder is what is seen there. */
export function mountOn(folder: string): Mount | undefined {
  return readMounts().findLast(({ target }) => target === folder);
}

/** As proc_pid_mountinfo(5) has it: a hyphen ends the optional fields, and the type comes after it. */
export function parseMounts(text: string): Mount[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '))
    .map((fields) => {
      const [type = '', source = ''] = fields.slice(fields.indexOf('-', 6) + 1);
      const [root, target] = [decodeOctal(fields[3] ?? ''), decodeOctal(fields[4] ?? '')];
      return { root, target, type, source: decodeOctal(source) };
    });
}

/** The kernel writes spaces and the like in paths as \040. */
function decodeOctal(path: string): string {
  return path.replace(/\\(\d{3})/gu, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
