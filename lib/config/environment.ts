/** The one place that touches the process's environment. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** React and Next choose their build by NODE_ENV; the hub serves built pages only. Call it before Next is loaded. */
export function chooseProductionBuilds(): void {
  Reflect.set(process.env, 'NODE_ENV', 'production');
}
