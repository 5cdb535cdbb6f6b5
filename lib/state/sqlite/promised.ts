/** Methods of T as the port has them: with a promise of what they return. */
export type Promised<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Result>
    : never;
};

type Method = (...args: readonly unknown[]) => unknown;

/** Every method of some tables, called through `attempt`, which turns what it throws into a rejection. */
export function promised<T extends object>(
  tables: T,
  attempt: <R>(work: () => R) => Promise<R>,
): Promised<T> {
  const methods = Object.entries(tables) as [string, Method][];
  return Object.fromEntries(
    methods.map(([name, method]) => [name, (...args: readonly unknown[]) => attempt(() => method(...args))]),
  ) as Promised<T>;
}
