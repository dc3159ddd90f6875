type Undo = () => void;

const undone: Undo[] = [];
const undoneAtExit: Undo[] = [];
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

process.once('exit', () => {
  cleanUp();
  undoAll(undoneAtExit);
});
for (const [signal, code] of Object.entries(signals)) process.once(signal, () => process.exit(code));

/** Has something undone at the end of a suite, the last first, and also when the tests are interrupted. */
export function onCleanUp(undo: Undo): void {
  undone.push(undo);
}

/** Has something undone when all tests have ended, after what each suite has undone. */
export function onExit(undo: Undo): void {
  undoneAtExit.push(undo);
}

/** Undoes all that was done in a suite. */
export function cleanUp(): void {
  undoAll(undone);
}

/** One that fails does not keep the others from their turn. */
function undoAll(list: Undo[]): void {
  const errors: unknown[] = [];
  for (let undo = list.pop(); undo; undo = list.pop()) {
    try {
      undo();
    } catch (error) {
      errors.push(error);
    }
  }
  for (const error of errors) console.error('clean-up:', error);
}
