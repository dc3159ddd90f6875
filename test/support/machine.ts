import type { Context } from 'mocha';

/** Skips a test for something that this machine lacks. Where everything is to be there, in CI, it fails. */
export function skipWithout(context: Context, reason: string): never {
  if (process.env['CI']) throw new Error(`not to be skipped in CI: ${reason}`);
  if (context.test) context.test.title += ` (skipped: ${reason})`;
  return context.skip();
}

/** True where this process may load programs into the kernel and make namespaces. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}
