import { type AgentLabelSource, mostHostLabels, type Problem } from '../../../lib/model/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import { createPacer } from '../pacer.ts';
import type { Source } from '../source.ts';
import { type NodeLabelOptions, nodeUrl, readNodeLabels } from './kubernetes.ts';
import { readFileLabels, readSlurmLabels, slurmCommand } from './read.ts';

export interface LabelsOptions {
  readonly access: HostAccess;
  /** From `--label`. */
  readonly own: Readonly<Record<string, string>>;
  readonly path: string;
  readonly hostname: string;
  readonly fileSource: Source;
  readonly slurmSource: Source;
  readonly kubernetes?: NodeLabelOptions | null;
  readonly kubernetesSource?: Source;
}

/** Labels of this host that it knows itself, and where those that are not from `--label` come from. */
export interface CollectedLabels {
  readonly labels: Readonly<Record<string, string>>;
  readonly sources: Readonly<Record<string, AgentLabelSource>>;
}

export interface HostLabels {
  start(): Promise<void>;
  readonly current: CollectedLabels;
  readonly problems: readonly Problem[];
  stop(): Promise<void>;
}

const fileSeconds = 10;
/** The controller of a large cluster answers every node, so each asks seldom. */
const slurmSeconds = 300;

/** Reads what labels this host has. What cannot be read now keeps what was read last, and is told as a problem. */
export function createHostLabels(options: LabelsOptions): HostLabels {
  const { access, own, path, hostname, fileSource, slurmSource } = options;
  let ofFile: Readonly<Record<string, string>> = {};
  let ofSlurm: Readonly<Record<string, string>> = {};
  let problems: readonly Problem[] = [];
  const file = createPacer(async () => {
    let found: readonly Problem[] = [];
    const outcome = await fileSource.measure(path, async () => {
      const reading = await readFileLabels(access, path);
      found = reading.problems;
      return reading.outcome;
    });
    if (outcome.state === 'ok') ofFile = outcome.value;
    if (outcome.state === 'absent') ofFile = {};
    problems = found;
    return fileSeconds;
  });
  const slurm = createPacer(async () => {
    const command = slurmCommand(hostname).join(' ');
    const outcome = await slurmSource.measure(command, () => readSlurmLabels(access, hostname));
    if (outcome.state === 'ok') ofSlurm = outcome.value;
    if (outcome.state === 'absent') ofSlurm = {};
    return slurmSeconds;
  });
  let ofNode: Readonly<Record<string, string>> = {};
  const { kubernetes = null, kubernetesSource } = options;
  const node = createPacer(async () => {
    if (kubernetes === null || kubernetesSource === undefined) return slurmSeconds;
    const outcome = await kubernetesSource.measure(nodeUrl(kubernetes), () =>
      readNodeLabels(access, kubernetes),
    );
    if (outcome.state === 'ok') ofNode = outcome.value;
    return slurmSeconds;
  });
  /** The strongest first, so that those are kept where there are too many. */
  const merged = () =>
    Object.entries({ ...ofSlurm, ...ofNode, ...ofFile, ...own, ...ofFile, ...ofNode, ...ofSlurm });
  return {
    start: () => Promise.all([file.start(), slurm.start(), node.start()]).then(() => undefined),
    get current() {
      const labels = Object.fromEntries(merged().slice(0, mostHostLabels));
      const sources = {
        ...allAs('labels-file', ofFile),
        ...allAs('kubernetes', ofNode),
        ...allAs('slurm', ofSlurm),
      };
      return {
        labels,
        sources: Object.fromEntries(Object.entries(sources).filter(([key]) => Object.hasOwn(labels, key))),
      };
    },
    get problems() {
      const count = merged().length;
      if (count <= mostHostLabels) return problems;
      const message = `are more than the ${mostHostLabels} that a host may have; the others are left out`;
      return [...problems, { field: 'labels', text: `${count}`, message }];
    },
    stop: () => Promise.all([file.stop(), slurm.stop(), node.stop()]).then(() => undefined),
  };
}

const allAs = <S extends AgentLabelSource>(source: S, labels: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.keys(labels).map((key) => [key, source]));
