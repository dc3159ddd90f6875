import koffi, { type LibraryHandle } from 'koffi';

/** A function of a DLL: the type that it returns, and its parameters. */
export type Prototype = readonly [returned: string, parameters: string];

/**
 * The functions of a DLL, each under its own name. The DLL is loaded, and a function looked up, at its first use, so
 * that a command pays for nothing that it does not call.
 */
export function declareDll<Functions extends object>(
  file: string,
  prototypes: Readonly<Record<keyof Functions & string, Prototype>>,
): Functions {
  let library: LibraryHandle | undefined;
  const declared = new Map<string, unknown>();
  const find = (name: string, [returned, parameters]: Prototype): unknown => {
    if (!declared.has(name)) {
      library ??= koffi.load(file);
      declared.set(name, library.func(`${returned} __stdcall ${name}(${parameters})`));
    }
    return declared.get(name);
  };
  const functions = {};
  for (const [name, prototype] of Object.entries<Prototype>(prototypes)) {
    Object.defineProperty(functions, name, { get: () => find(name, prototype) });
  }
  return functions as Functions;
}

/** An array of one element, which the call writes to. */
export type Out<Value> = Value[];
