import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type HubConfig, loadHubConfig } from '../../../lib/config/hub-config.ts';
import { parseDuration } from '../../../lib/config/parsers.ts';
import { openGuestState, originSetting } from '../../../lib/hub/data-folder.ts';
import { HubError } from '../../../lib/hub/errors.ts';
import { type StateStore, StoreError } from '../../../lib/state/state-store.ts';
import { HubQuestionError } from '../hub-request.ts';

/** Whoever may read and write the data folder is its administrator. */
export const system = { kind: 'system' } as const;

/** One line on stderr and exit code 2. */
export class UsageError extends Error {}

export interface Opened {
  readonly config: HubConfig;
  readonly state: StateStore;
  readonly nowMillis: number;
}

/** Never makes one: what it would print, no hub would know. */
function openState(dataFolder: string): Promise<StateStore> {
  if (!existsSync(join(dataFolder, 'state.sqlite')))
    throw new UsageError(`no hub has used ${dataFolder} yet; give --data`);
  return openGuestState(dataFolder);
}

/** 3: nobody answered; 2: what was asked for does not do; 1: the hub says no. */
const exitCodeOf = (status: number | null): number =>
  status === null || status >= 500 ? 3 : status === 422 ? 2 : 1;

/** Runs a command on the state of a data folder, beside a running hub or without one. */
export async function withState(
  argv: readonly string[],
  work: (opened: Opened) => Promise<string>,
): Promise<number> {
  try {
    const loaded = loadHubConfig(argv, 'beside');
    if (!loaded.ok) throw new UsageError(loaded.faults.join('; '));
    const { config } = loaded;
    const state = await openState(config.dataFolder);
    try {
      process.stdout.write(`${await work({ config, state, nowMillis: Date.now() })}\n`);
      return 0;
    } finally {
      await state.close();
    }
  } catch (error) {
    const isOurs =
      error instanceof UsageError ||
      error instanceof StoreError ||
      error instanceof HubError ||
      error instanceof HubQuestionError;
    if (!isOurs) throw error;
    process.stderr.write(`gpufleet hub: ${error.message}\n`);
    if (error instanceof HubQuestionError) return exitCodeOf(error.status);
    return error instanceof HubError ? 1 : 2;
  }
}

/** Takes this command's own options out of argv; what is left are the hub's. */
export function takeOptions<Name extends string>(argv: readonly string[], names: readonly Name[]) {
  const taken: Partial<Record<Name, string>> = {};
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    const [flag, inline] = word.split(/=(.*)/s);
    const name = names.find((own) => `--${own}` === flag);
    if (name === undefined) rest.push(word);
    else {
      taken[name] = inline ?? argv[at + 1] ?? '';
      at += inline === undefined ? 1 : 0;
    }
  }
  return { taken, rest };
}

export function fail(message: string): number {
  process.stderr.write(`gpufleet hub: ${message}\n`);
  return 2;
}

/** Seconds of `--for`; null when it is not given. Throws UsageError. */
export function lifeOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  try {
    return parseDuration(text);
  } catch (error) {
    throw new UsageError(`--for: "${text}" ${error instanceof Error ? error.message : ''}`);
  }
}

function configuredOrigin({ publicUrl, tls, host, port }: HubConfig): string {
  return publicUrl ?? `${tls.kind === 'none' ? 'http' : 'https'}://${host}:${port}`;
}

/** Where browsers reach the hub of this state, as it last said. */
export const originOf = async ({ state, config }: Opened): Promise<string> =>
  (await state.getSetting(originSetting)) ?? configuredOrigin(config);
