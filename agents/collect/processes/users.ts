import { parsePasswd } from '../../../lib/host-facts/index.ts';
import type { HostAccess } from '../../access/host-access.ts';
import type { Clock } from '../clock.ts';

/** Names of users, as this host knows them. */
export interface Users {
  /** Null: the host has no name for it. Never rejects. */
  nameOf(uid: number): Promise<string | null>;
  /** What is known by now, without asking. */
  knownName(uid: number): string | null;
}

const keepSeconds = 300;
const fileLimits = { maxBytes: 4 * 1024 * 1024, deadlineSeconds: 1 };
const getentLimits = { deadlineSeconds: 2, maxOutputBytes: 64 * 1024 };
/** Users from a directory (LDAP, SSSD) that are asked for one by one. */
const mostAsked = 1000;

/** /etc/passwd, and `getent` for users that only a directory knows; each answer is kept for some minutes. */
export function createUsers(access: HostAccess, clock: Clock): Users {
  let local: ReadonlyMap<number, string> = new Map();
  let localUntilSeconds = Number.NEGATIVE_INFINITY;
  let hasGetent = true;
  const asked = new Map<number, { readonly name: Promise<string | null>; readonly untilSeconds: number }>();
  const told = new Map<number, string>();
  const ask = async (uid: number): Promise<string | null> => {
    if (!hasGetent) return null;
    const result = await access.run(['getent', 'passwd', String(uid)], getentLimits);
    if (result.outcome === 'not-found') hasGetent = false;
    return result.exitCode === 0 ? (parsePasswd(result.stdout).get(uid) ?? null) : null;
  };
  const readLocal = async (): Promise<void> => {
    if (clock.monotonicSeconds() < localUntilSeconds) return;
    localUntilSeconds = clock.monotonicSeconds() + keepSeconds;
    const file = await access.readFile('/etc/passwd', fileLimits);
    local = file.outcome === 'read' ? parsePasswd(file.text) : new Map();
  };
  const lookUp = (uid: number): Promise<string | null> => {
    const now = clock.monotonicSeconds();
    const before = asked.get(uid);
    if (before !== undefined && now < before.untilSeconds) return before.name;
    if (asked.size >= mostAsked) asked.clear();
    const name = ask(uid);
    asked.set(uid, { name, untilSeconds: now + keepSeconds });
    return name;
  };
  return {
    async nameOf(uid) {
      await readLocal();
      const name = local.get(uid) ?? (await lookUp(uid));
      if (name === null) told.delete(uid);
      else told.set(uid, name);
      return name;
    },
    knownName: (uid) => local.get(uid) ?? told.get(uid) ?? null,
  };
}
