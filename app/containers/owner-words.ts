import type { OwnerRow, Person } from '../../lib/model/index.ts';
import { shortId } from './container-address.ts';

const kinds: Readonly<Record<string, string>> = {
  docker: 'Docker',
  podman: 'Podman',
  containerd: 'containerd',
  crio: 'CRI-O',
  kubernetes: 'Kubernetes',
  lxc: 'LXC',
  pod: 'Kubernetes pod',
  slurm: 'Slurm job',
  unit: 'systemd unit',
  user: 'login user',
  process: 'process',
};

/** What kind of owner it is: `Docker`, `Slurm job`. */
export const kindWords = (runtime: string): string => kinds[runtime] ?? runtime;

export const ownerName = ({ name, key }: Pick<OwnerRow, 'name' | 'key'>): string => name ?? shortId(key);

const sources: Readonly<Record<Person['from'], string>> = {
  label: 'from a label',
  slurm: "the job's user, from Slurm",
  pod: 'from the pod',
  uid: 'the user of its processes',
  'compose-project': 'guessed from the Compose project',
  'home-mount': 'guessed from a home folder that it mounts',
  unknown: 'nothing tells whose it is',
};

/** Where it is known from whose something is. */
export const personSource = (person: Person | null): string =>
  person === null ? 'its agent is too old to tell' : sources[person.from];
