/** Whether a stream is a terminal that obeys escape codes: those of editors (`TERM=dumb`) write them out instead. */
export function obeysCodes(stream: { isTTY?: boolean }): boolean {
  return stream.isTTY === true && process.env['TERM'] !== 'dumb';
}

/** Returns the size of standard output's terminal. Serial lines, and `docker exec -t` in a script, have none: 0 by 0. */
export function terminalSize(): { width: number; height: number } {
  return {
    width: process.stdout.columns || sizeIn('COLUMNS') || 80,
    height: process.stdout.rows || sizeIn('LINES') || 24,
  };
}

/** Whether the locale has UTF-8. Containers and services have none at all, and their terminals mostly do. */
export function speaksUtf8({ LC_ALL, LC_CTYPE, LANG } = process.env): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  return process.platform === 'win32' || locale === '' || /utf-?8/i.test(locale);
}

function sizeIn(variable: string): number {
  const text = process.env[variable] ?? '';
  return /^\d{1,4}$/.test(text) ? Number(text) : 0;
}
