import type { SourceStatus } from '../../../lib/model/index.ts';

/** An engine that could tell the name of a container, and how asking it went. */
export interface NamingEngine {
  /** As in a sentence: `Docker`. */
  readonly title: string;
  /** Of the cgroup forms: `docker`, `unknown`. */
  readonly runtimes: readonly string[];
  readonly socketPath: string | null;
  /** Whose own engine it is; null: the host's. */
  readonly uid: number | null;
  readonly status: () => SourceStatus;
}

/** Why a container has no name, in words: what of its engine could not be asked. */
export function nameProblemOf(
  { runtime, uid }: { readonly runtime: string; readonly uid: number | null },
  engines: readonly NamingEngine[],
): string {
  const speaking = engines.filter(({ runtimes }) => runtimes.includes(runtime));
  const own = speaking.filter((engine) => engine.uid === uid);
  const able = own.length > 0 ? own : speaking;
  if (able.length === 0) return `${runtime} tells no names that can be read here`;
  const told = able.map(reasonOf);
  // Of an unknown runtime any engine might be the one: those that are not there say least.
  const [first = ''] = told.length > 1 ? told.filter((_, at) => able[at]?.status().state !== 'absent') : told;
  return `${first === '' ? (told[0] ?? '') : first}, so no name`;
}

function reasonOf({ title, socketPath, status }: NamingEngine): string {
  const { state, failure, runs } = status();
  if (socketPath === null) return `${title} is not asked here`;
  switch (state) {
    case 'absent':
      return runs === 0 ? `${title} was not asked yet` : `no ${title} socket at ${socketPath}`;
    case 'hung':
      return `${title} at ${socketPath} does not answer`;
    case 'failed':
      return failure?.code === 'insufficient-permissions'
        ? `no permission to ask ${title} at ${socketPath}`
        : `${title} at ${socketPath}: ${failure?.message ?? 'failed'}`;
    default:
      return `${title} does not know this container`;
  }
}
