import {
  type ContainerStack,
  type DockerContainer,
  type InjectionHost,
  injectionOf,
  parseContainerStack,
  parseDockerContainer,
} from '../../../lib/host-facts/index.ts';
import type { ContainerInjection, Problem } from '../../../lib/model/index.ts';
import { failed } from '../failures.ts';
import type { Outcome } from '../source.ts';
import { type ContainerFacts, isGranted } from './merge.ts';

/** A container as its engine tells of it. */
export interface EngineContainer {
  readonly facts: ContainerFacts;
  readonly isGranted: boolean;
  /** What it says of CUDA, and how it got its GPUs. */
  readonly stack: ContainerStack;
  readonly injection: ContainerInjection;
  readonly problems: readonly Problem[];
}

export type ReadContainer =
  | { readonly engine: EngineContainer }
  | { readonly engine: null; readonly problems: DockerContainer['problems'] };

/** Reads one inspect document; injection is told as the host is now. */
export function readEngineContainer(document: unknown, host: InjectionHost): ReadContainer {
  const { container, problems } = parseDockerContainer(document);
  if (container === null) return { engine: null, problems };
  return {
    engine: {
      facts: container,
      isGranted: isGranted(document, container.visibleDevices),
      stack: parseContainerStack(document),
      injection: injectionOf(document, host),
      problems,
    },
  };
}

/** The same, or why the document is none. */
export function containerOutcome(document: unknown, host: InjectionHost): Outcome<EngineContainer> {
  const read = readEngineContainer(document, host);
  if (read.engine !== null) return { state: 'ok', value: read.engine };
  const [problem] = read.problems;
  return failed('unknown-error', `${problem?.field} ${problem?.message}`);
}
