/** Calls `onChange` where one of what is known came, went, or is another object than when it was last noted. */
export function createChangeNotice<T>(
  onChange: (() => void) | undefined,
): (known: ReadonlyMap<string, T>) => void {
  let before: ReadonlyMap<string, T> = new Map();
  return (known) => {
    const isSame = known.size === before.size && [...known].every(([id, each]) => before.get(id) === each);
    if (isSame) return;
    before = new Map(known);
    onChange?.();
  };
}
