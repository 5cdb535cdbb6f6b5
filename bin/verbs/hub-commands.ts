import { listTokens } from '../../lib/hub/operations/list-tokens.ts';
import { makeEnrollmentToken } from '../../lib/hub/operations/make-enrollment-token.ts';
import { makeToken } from '../../lib/hub/operations/make-token.ts';
import { releaseHost } from '../../lib/hub/operations/release-host.ts';
import { removeToken } from '../../lib/hub/operations/remove-token.ts';
import { roles } from '../../lib/state/state-store.ts';
import { fail, lifeOf, system, takeOptions, UsageError, withState } from './hub-commands/beside-hub.ts';

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
    await removeToken(system, { state, nowMillis }, { name });
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
