import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type HubConfig, loadHubConfig } from '../../lib/config/hub-config.ts';
import { parseDuration } from '../../lib/config/parsers.ts';
import { openGuestState } from '../../lib/hub/create-hub.ts';
import { HubError } from '../../lib/hub/errors.ts';
import { listTokens } from '../../lib/hub/operations/list-tokens.ts';
import { makeEnrollmentToken } from '../../lib/hub/operations/make-enrollment-token.ts';
import { makeToken } from '../../lib/hub/operations/make-token.ts';
import { releaseHost } from '../../lib/hub/operations/release-host.ts';
import { removeToken } from '../../lib/hub/operations/remove-token.ts';
import { makeLoginLink } from '../../lib/hub/operations/sign-in.ts';
import { originSetting } from '../../lib/hub/server.ts';
import { roles, type StateStore, StoreError } from '../../lib/state/state-store.ts';

/** Whoever may read and write the data folder is its administrator. */
const system = { kind: 'system' } as const;

/** One line on stderr and exit code 2. */
class UsageError extends Error {}

interface Opened {
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

/** Runs a command on the state of a data folder, beside a running hub or without one. */
async function withState(
  argv: readonly string[],
  work: (opened: Opened) => Promise<string>,
): Promise<number> {
  try {
    const loaded = loadHubConfig(argv);
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
    if (!(error instanceof UsageError || error instanceof StoreError || error instanceof HubError))
      throw error;
    process.stderr.write(`gpufleet hub: ${error.message}\n`);
    return error instanceof HubError ? 1 : 2;
  }
}

/** Takes this command's own options out of argv; what is left are the hub's. */
function takeOptions<Name extends string>(argv: readonly string[], names: readonly Name[]) {
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

function fail(message: string): number {
  process.stderr.write(`gpufleet hub: ${message}\n`);
  return 2;
}

function configuredOrigin({ publicUrl, tls, host, port }: HubConfig): string {
  return publicUrl ?? `${tls.kind === 'none' ? 'http' : 'https'}://${host}:${port}`;
}

/** `gpufleet hub user login-link`. */
export async function userCommand(argv: readonly string[]): Promise<number> {
  const [word, ...rest] = argv;
  if (word !== 'login-link') return fail('user: the one command is "login-link"');
  return withState(rest, async ({ state, config, nowMillis }) => {
    const origin = (await state.getSetting(originSetting)) ?? configuredOrigin(config);
    return `${origin}/login/${await makeLoginLink(state, nowMillis)}`;
  });
}

function lifeOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  try {
    return parseDuration(text);
  } catch (error) {
    throw new UsageError(`--for: "${text}" ${error instanceof Error ? error.message : ''}`);
  }
}

async function createToken(argv: readonly string[]): Promise<number> {
  const { taken, rest } = takeOptions(argv, ['kind', 'name', 'role', 'for']);
  const { kind, name, role = 'viewer' } = taken;
  return withState(rest, async ({ state, config, nowMillis }) => {
    const lifeSeconds = lifeOf(taken.for);
    const store = { state, nowMillis };
    if (kind === 'enroll') {
      const life = lifeSeconds ?? config.enrollmentTokenLifeSeconds;
      return (await makeEnrollmentToken(system, store, { lifeSeconds: life, labels: {} })).secret;
    }
    if (kind !== 'scrape' && kind !== 'api') throw new UsageError('--kind: scrape, api or enroll');
    const known = roles.find((other) => other === role);
    if (known === undefined) throw new UsageError(`--role: one of ${roles.join(', ')}`);
    const expiresAt = lifeSeconds === null ? null : new Date(nowMillis + lifeSeconds * 1000).toISOString();
    const named = name ?? `${kind} ${new Date(nowMillis).toISOString()}`;
    return makeToken(system, store, { kind, name: named, role: known, expiresAt });
  });
}

/** `gpufleet hub token create|list|remove`. */
export async function tokenCommand(argv: readonly string[]): Promise<number> {
  const [word, ...rest] = argv;
  if (word === 'create') return createToken(rest);
  if (word === 'list')
    return withState(rest, async ({ state }) => {
      const tokens = await listTokens(system, state);
      const lines = tokens.map((token) =>
        [token.name, token.kind, token.role ?? '-', token.expiresAt ?? 'does not expire'].join('\t'),
      );
      return lines.join('\n');
    });
  const [name, ...others] = rest;
  if (word !== 'remove' || name === undefined) return fail('token: create, list, or remove NAME');
  return withState(others, async ({ state, nowMillis }) => {
    await removeToken(system, { state, nowMillis }, name);
    return `removed ${name}`;
  });
}

/** `gpufleet hub host release ID`. */
export async function hostCommand(argv: readonly string[]): Promise<number> {
  const [word, id, ...rest] = argv;
  if (word !== 'release' || id === undefined) return fail('host: the one command is "release ID"');
  return withState(rest, async ({ state, nowMillis }) => {
    await releaseHost(system, { state, nowMillis }, id);
    return `released ${id}: the next agent that enrols with this id gets it`;
  });
}
