import {
  type ContainerStack,
  type DockerContainer,
  type InjectionHost,
  injectionOf,
  parseContainerStack,
  parseDockerContainer,
} from '../../../lib/host-facts/index.ts';
import { maskedCommand } from '../../../lib/masking/index.ts';
import type { AskedGrant, ContainerInjection, Problem } from '../../../lib/model/index.ts';
import { failed } from '../failures.ts';
import type { Outcome } from '../source.ts';
import type { ContainerFacts } from './merge.ts';

/** A container as its engine tells of it. */
export interface EngineContainer {
  readonly facts: ContainerFacts;
  /** Null: no GPU was asked for. */
  readonly asked: AskedGrant | null;
  /** Its runtime gives GPUs by a variable, and variables are not read: that none was asked for is not known. */
  readonly isGrantHidden?: boolean;
  /** Of its first process, in the host's numbering; null when it does not run or that is not told. */
  readonly pid: number | null;
  /** Folders of the host that it was given. */
  readonly mountSources: readonly string[];
  /** What it says of CUDA, and how it got its GPUs. */
  readonly stack: ContainerStack;
  readonly injection: ContainerInjection;
  readonly problems: readonly Problem[];
}

/** Whose document it is, and what of it is wanted. */
export interface ReadingOptions {
  readonly runtime: string;
  /** False: what was started with which arguments is not kept. */
  readonly commandLines: boolean;
  /** False: its variables are not looked at. */
  readonly environment: boolean;
}

export type ReadContainer =
  | { readonly engine: EngineContainer }
  | { readonly engine: null; readonly problems: DockerContainer['problems'] };

const readAll: ReadingOptions = { runtime: 'docker', commandLines: true, environment: true };

/** The same document as if no variable were set: nothing that reads it can keep one. */
function withoutEnvironment(document: unknown): unknown {
  if (typeof document !== 'object' || document === null) return document;
  const { Config: config } = document as { readonly Config?: unknown };
  return typeof config === 'object' && config !== null
    ? { ...document, Config: { ...config, Env: [] } }
    : document;
}

/** Reads one inspect document; injection is told as the host is now. */
export function readEngineContainer(
  told: unknown,
  host: InjectionHost,
  { runtime, commandLines, environment }: ReadingOptions = readAll,
): ReadContainer {
  const document = environment ? told : withoutEnvironment(told);
  const { container, problems, start, args, ...rest } = parseDockerContainer(document);
  if (container === null) return { engine: null, problems };
  const command = commandLines ? maskedCommand(args) : null;
  const isGrantHidden = !environment && rest.asked === null && /nvidia/i.test(start?.ociRuntime ?? '');
  return {
    engine: {
      ...rest,
      isGrantHidden,
      facts: { ...container, runtime, start: start === null ? null : { ...start, command } },
      stack: parseContainerStack(document),
      injection: injectionOf(document, host),
      problems,
    },
  };
}

/** The same, or why the document is none. */
export function containerOutcome(
  document: unknown,
  host: InjectionHost,
  options: ReadingOptions,
): Outcome<EngineContainer> {
  const read = readEngineContainer(document, host, options);
  if (read.engine !== null) return { state: 'ok', value: read.engine };
  const [problem] = read.problems;
  return failed('unknown-error', `${problem?.field} ${problem?.message}`);
}
