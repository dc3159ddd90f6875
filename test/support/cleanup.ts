type Undo = () => void;

const undone: Undo[] = [];
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

process.once('exit', () => cleanUp());
for (const [signal, code] of Object.entries(signals)) process.once(signal, () => process.exit(code));

/** Has something undone at the end of a suite, the last first, and also when the tests are interrupted. */
export function onCleanUp(undo: Undo): void {
  undone.push(undo);
}

/** Undoes all that was done. One that fails does not keep the others from their turn. */
export function cleanUp(): void {
  const errors: unknown[] = [];
  for (let undo = undone.pop(); undo; undo = undone.pop()) {
    try {
      undo();
    } catch (error) {
      errors.push(error);
    }
  }
  for (const error of errors) console.error('clean-up:', error);
}
