import {
  type Account,
  parseAccounts,
  parseCgroupUser,
  parseProcessStatus,
} from '../../lib/host-facts/index.ts';
import type { HostAccess } from '../access/host-access.ts';
import { concurrently } from '../collect/concurrently.ts';
import type { Recorded } from './recording-access.ts';

/** What is read to be masked and never kept. */
export interface HostNames {
  readonly userNames: readonly string[];
  readonly homeFolders: readonly string[];
  readonly hostNames: readonly string[];
  /** Owners whose names could not be read, each with its reason. */
  readonly missing: readonly string[];
}

const fileLimits = { maxBytes: 4 * 1024 * 1024, deadlineSeconds: 2 };
const getentLimits = { deadlineSeconds: 2, maxOutputBytes: 64 * 1024 };
const lookupsAtOnce = 8;
/** For the whole directory, which may give no answer at all. */
const directorySeconds = 10;

/** Not the system's own, and not those that systemd and containers take for nobody. */
const isPerson = (uid: number): boolean => uid >= 1000 && (uid < 61_184 || uid > 65_535);

/** `alice@corp.example` and `CORP\alice` stand as `alice` elsewhere. */
const formsOf = (name: string): readonly string[] => {
  const plain = name.split('\\').at(-1)?.split('@', 1)[0] ?? '';
  return plain === '' || plain === name ? [name] : [name, plain];
};

/** Who owns the processes that were read, by the files that were recorded of them. */
function ownersOf({ files }: Recorded): ReadonlySet<number> {
  const uids = [...files].flatMap(([path, file]) => {
    if (file.outcome !== 'read' || !/^\/proc\/\d+\//.test(path)) return [];
    if (path.endsWith('/status')) return [parseProcessStatus(file.text).uid];
    return path.endsWith('/cgroup') ? [parseCgroupUser(file.text)] : [];
  });
  return new Set(uids.filter((uid) => uid !== null));
}

/** Accounts that only a directory (LDAP, NIS) knows, asked for one by one. */
async function askDirectory(
  access: HostAccess,
  uids: readonly number[],
): Promise<{ readonly accounts: readonly Account[]; readonly missing: readonly string[] }> {
  const accounts: Account[] = [];
  const untilMillis = performance.now() + directorySeconds * 1000;
  let unanswered = 0;
  await concurrently(uids, lookupsAtOnce, async (uid) => {
    const isLate = performance.now() > untilMillis;
    const result = isLate ? null : await access.run(['getent', 'passwd', String(uid)], getentLimits);
    if (result === null || result.outcome === 'timeout' || result.outcome === 'hung') unanswered += 1;
    else if (result.outcome === 'exited' && result.exitCode === 0)
      accounts.push(...parseAccounts(result.stdout));
  });
  const missing =
    unanswered === 0
      ? []
      : [`getent gave no answer for ${unanswered} owners of processes: their names are not masked`];
  return { accounts, missing };
}

/** Who has an account or a process and which machines this one names. Never rejects. */
export async function readNames(access: HostAccess, recorded: Recorded): Promise<HostNames> {
  const text = async (path: string): Promise<string> => {
    const file = await access.readFile(path, fileLimits);
    return file.outcome === 'read' ? file.text : '';
  };
  const [passwd, hosts] = await Promise.all([text('/etc/passwd'), text('/etc/hosts')]);
  const local = parseAccounts(passwd);
  const known = new Set(local.map(({ uid }) => uid));
  const asked = [...ownersOf(recorded)].filter((uid) => isPerson(uid) && !known.has(uid));
  const { accounts, missing } = await askDirectory(access, asked);
  const people = [...local.filter(({ uid }) => isPerson(uid)), ...accounts];
  const hostNames = hosts.split('\n').flatMap((line) => {
    const [address = '', ...names] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    return address === '' ? [] : names.filter((name) => !/^(?:localhost|ip6-|broadcasthost)/.test(name));
  });
  return {
    userNames: people.flatMap(({ name }) => formsOf(name)),
    homeFolders: people.map(({ homeFolder }) => homeFolder),
    hostNames,
    missing,
  };
}
