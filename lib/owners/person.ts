import type { Person } from '../model/index.ts';

export interface PersonFacts {
  /** Of the container, and of its pod. */
  readonly labels: Readonly<Record<string, string>>;
  /** The label that names a person. */
  readonly ownerLabel: string;
  readonly slurmJobId: string | null;
  readonly uid: number | null;
  /** The user whose job or login the cgroup names: not even a container's root hides that one. */
  readonly cgroupUid: number | null;
  /** In a container a user id is the image's choice, and root is nobody. */
  readonly isContainer: boolean;
  /** Folders of the host that it was given. */
  readonly mountSources: readonly string[];
  readonly userName: (uid: number) => string | null;
}

const longestName = 256;
/** Set by JupyterHub on the pods and containers of its people. */
const podUserLabels = ['hub.jupyter.org/username', 'hub.jupyter.org/user'] as const;
const composeLabel = 'com.docker.compose.project';
/** Folders below /home that are nobody's. */
const nobodysHomes = new Set(['linuxbrew', 'shared', 'data', 'public', 'lost+found', 'kubernetes']);

const sure = (name: string, from: Person['from']): Person => ({
  name: name.slice(0, longestName),
  from,
  isInferred: false,
});
const inferred = (name: string, from: Person['from']): Person => ({ ...sure(name, from), isInferred: true });

/** Whom it belongs to, by the surest evidence there is: a label, Slurm, the pod, a user id, then guesses marked so. */
export function personOf(facts: PersonFacts): Person {
  const { labels, ownerLabel, slurmJobId, uid, cgroupUid, isContainer, userName } = facts;
  const labelled = labelOf(labels, ownerLabel);
  if (labelled !== null) return sure(labelled, 'label');
  const named = (id: number): string => userName(id) ?? `uid ${id}`;
  const jobUid = cgroupUid ?? uid;
  if (slurmJobId !== null && jobUid !== null) return sure(named(jobUid), 'slurm');
  for (const label of podUserLabels) {
    const name = labelOf(labels, label);
    if (name !== null) return sure(name, 'pod');
  }
  if (cgroupUid !== null) return sure(named(cgroupUid), 'uid');
  if (!isContainer && uid !== null) return sure(named(uid), 'uid');
  const own = isContainer && uid !== null && uid !== 0 ? userName(uid) : null;
  if (own !== null) return inferred(own, 'uid');
  const home = homeOf(facts.mountSources);
  if (home !== null) return inferred(home, 'home-mount');
  const project = labelOf(labels, composeLabel);
  if (project !== null) return inferred(project, 'compose-project');
  return { name: null, from: 'unknown', isInferred: false };
}

function labelOf(labels: Readonly<Record<string, string>>, key: string): string | null {
  const value = Object.hasOwn(labels, key) ? (labels[key] ?? '').trim() : '';
  return value === '' ? null : value;
}

/** The one person whose home folder it was given; null for none, or several. */
function homeOf(sources: readonly string[]): string | null {
  const names = sources.flatMap(
    (source) => /^\/home\/([a-z_][\w.@-]{0,63})(?:\/|$)/i.exec(source)?.[1] ?? [],
  );
  const people = new Set(names.filter((name) => !nobodysHomes.has(name)));
  return people.size === 1 ? ([...people][0] ?? null) : null;
}
