/** One verb: its file exports `run`, which resolves to the exit code. Loaded only when asked for, so that the agent stays small. */
export interface Verb {
  readonly summary: string;
  load(): Promise<{ run(argv: readonly string[]): Promise<number> }>;
}

export const verbs: Readonly<Record<string, Verb>> = {
  hub: { summary: 'runs the hub', load: () => import('./hub.ts') },
  agent: { summary: 'runs the agent on a GPU host', load: () => import('./agent.ts') },
  simulate: {
    summary: 'simulated hosts, through the real collector and wire',
    load: () => import('./simulate.ts'),
  },
  replay: {
    summary: 'a recorded host through the collector: prints the report',
    load: () => import('./replay.ts'),
  },
  capture: {
    summary: 'this host recorded and masked, for a bug report',
    load: () => import('./capture.ts'),
  },
  doctor: {
    summary: "what is wrong with this host's GPU stack, with the fix",
    load: () => import('./doctor.ts'),
  },
  check: {
    summary: 'whether an image runs, on one host or in a fleet, and why not',
    load: () => import('./check.ts'),
  },
  parse: { summary: 'captured outputs of nvidia-smi and its neighbours', load: () => import('./parse.ts') },
};
