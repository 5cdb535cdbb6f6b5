import { parseDuration } from '../../../lib/config/parsers.ts';
import type {
  SshHostLinesView,
  SshHostsView,
  SshHostView,
  SshKeyView,
  SshTest,
} from '../../../lib/model/index.ts';
import { fail, takeOptions, UsageError, withState } from './beside-hub.ts';
import { type AskHub, withRunningHub } from './running-hub.ts';

export const sshUsage = `gpufleet hub ssh list [--json]
  gpufleet hub ssh add HOST… --key NAME [--user U] [--jump HOST,…] [--interval 5s] [--client ssh2|openssh] [--json]
  gpufleet hub ssh test HOST [--json]
  gpufleet hub ssh accept HOST --fingerprint SHA256:… [--json]
  gpufleet hub ssh forget HOST [--place PLACE] [--json]
  gpufleet hub ssh remove HOST… [--json]
  gpufleet hub ssh key NAME [--file PATH] [--json]
HOST is [USER@]NAME[:PORT], for add with ranges such as gpu[001-120] and gpu[1-3,7]; else also the name that the host
tells of itself, or an id. Each asks the hub that runs on this data folder (--data); see docs/ssh.md`;

/** Words that come first and are no options. */
function takeHosts(argv: readonly string[]): { hosts: readonly string[]; rest: readonly string[] } {
  const at = argv.findIndex((word) => word.startsWith('-'));
  return at < 0 ? { hosts: argv, rest: [] } : { hosts: argv.slice(0, at), rest: argv.slice(at) };
}

interface Answer {
  /** For a person. */
  readonly text: string;
  readonly json: unknown;
  /** The answer is no. */
  readonly isNo?: boolean;
}

/** Asks the running hub, prints what it says, and gives the exit code. */
async function run(argv: readonly string[], work: (ask: AskHub) => Promise<Answer>): Promise<number> {
  const settings = argv.filter((word) => word !== '--json');
  let isNo = false;
  const code = await withState(settings, (opened) =>
    withRunningHub(opened, async (ask) => {
      const answer = await work(ask);
      isNo = answer.isNo === true;
      return settings.length < argv.length ? JSON.stringify(answer.json, null, 2) : answer.text;
    }),
  );
  return code === 0 && isNo ? 1 : code;
}

const placeOf = ({ address, port, user }: SshHostView): string =>
  `${user}@${address.includes(':') ? `[${address}]` : address}:${port}`;

/** The one that a word names: its id, or as much of `user@address:port` as tells it from the others. */
export function findHost(items: readonly SshHostView[], word: string): SshHostView {
  const wanted = word.toLowerCase();
  const found = items.filter((host) => {
    const place = placeOf(host).toLowerCase();
    const bare = place.slice(place.indexOf('@') + 1);
    const address = host.address.toLowerCase();
    const name = host.hostname?.toLowerCase();
    return [host.id, place, bare, address, `${host.user}@${address}`.toLowerCase(), name].includes(wanted);
  });
  const [first, ...others] = found;
  if (first === undefined) throw new UsageError(`there is no SSH host ${word} (gpufleet hub ssh list)`);
  if (others.length > 0) throw new UsageError(`${word} is ${found.map(placeOf).join(' and ')}: say which`);
  return first;
}

const find = async (ask: AskHub, word: string): Promise<SshHostView> =>
  findHost((await ask<SshHostsView>('GET', 'ssh-hosts')).items, word);

export const hostLine = (host: SshHostView): string =>
  [
    host.id,
    placeOf(host),
    host.hostname ?? '-',
    host.state,
    host.offeredKey === null ? (host.condition?.code ?? '-') : `shows ${host.offeredKey.fingerprint}`,
    host.lastReadAt ?? 'never read',
    // Why, whole, at the end: whoever is called at night reads it here.
    ...(host.condition === null ? [] : [host.condition.text.replaceAll(/\s+/g, ' ')]),
  ].join('\t');

const list = (argv: readonly string[]): Promise<number> =>
  run(argv, async (ask) => {
    const view = await ask<SshHostsView>('GET', 'ssh-hosts');
    const text = view.items.length === 0 ? 'no host is read over SSH' : view.items.map(hostLine).join('\n');
    return { text, json: view };
  });

function intervalOf(text: string | undefined): number | null {
  try {
    return text === undefined ? null : parseDuration(text);
  } catch (error) {
    throw new UsageError(`--interval: "${text}" ${(error as Error).message}`);
  }
}

const faultsOf = (lines: SshHostLinesView['lines']): string =>
  lines.flatMap(({ text, fault }) => (fault === null ? [] : [`${text}: ${fault}`])).join('; ');

function add(argv: readonly string[]): Promise<number> | number {
  const { hosts, rest } = takeHosts(argv);
  const { taken, rest: settings } = takeOptions(rest, ['key', 'user', 'jump', 'interval', 'client']);
  if (hosts.length === 0) return fail(`usage: ${sshUsage}`);
  return run(settings, async (ask) => {
    const view = await ask<SshHostsView>('GET', 'ssh-hosts');
    const key = view.keys.find(({ name, id }) => name === taken.key || id === taken.key);
    if (key === undefined)
      throw new UsageError(
        taken.key === undefined
          ? '--key: with which key of the hub? (gpufleet hub ssh key NAME makes one)'
          : `--key: the hub has no key ${taken.key}`,
      );
    const answer = await ask<SshHostLinesView>('POST', 'ssh-hosts/bulk', {
      text: hosts.join('\n'),
      user: taken.user ?? 'gpufleet',
      keyId: key.id,
      jumps: taken.jump === undefined ? [] : taken.jump.split(','),
      intervalSeconds: intervalOf(taken.interval),
      ...(taken.client === undefined ? {} : { client: taken.client }),
    });
    if (answer.added === 0) throw new UsageError(`nothing was added: ${faultsOf(answer.lines)}`);
    const text = `added ${answer.added} host${answer.added === 1 ? '' : 's'}`;
    return { text, json: answer };
  });
}

const marks = { ok: 'ok', failed: 'FAILED', skipped: '-' } as const;

function test(argv: readonly string[]): Promise<number> | number {
  const { hosts, rest } = takeHosts(argv);
  const [word] = hosts;
  if (word === undefined || hosts.length > 1) return fail(`usage: ${sshUsage}`);
  return run(rest, async (ask) => {
    const { id } = await find(ask, word);
    const done = await ask<SshTest>('POST', `ssh-hosts/${id}/test`);
    const lines = done.steps.map(({ name, outcome, text }) => [name, marks[outcome], text ?? ''].join('\t'));
    const offered = done.offeredKey === null ? [] : [`shows ${done.offeredKey.fingerprint}`];
    // Docker is worth knowing of; without it a host is read all the same.
    const isNo = done.steps.some(({ name, outcome }) => name !== 'docker' && outcome !== 'ok');
    return { text: [...lines, ...offered].join('\n'), json: done, isNo };
  });
}

function accept(argv: readonly string[]): Promise<number> | number {
  const { hosts, rest } = takeHosts(argv);
  const { taken, rest: settings } = takeOptions(rest, ['fingerprint']);
  const [word] = hosts;
  if (word === undefined || hosts.length > 1 || taken.fingerprint === undefined)
    return fail(`usage: ${sshUsage}`);
  return run(settings, async (ask) => {
    const { id } = await find(ask, word);
    const view = await ask<SshHostView>('POST', `ssh-hosts/${id}/accept-key`, {
      fingerprint: taken.fingerprint,
    });
    return { text: `accepted ${taken.fingerprint} of ${placeOf(view)}`, json: view };
  });
}

/** Withdraws an accepted key; `--place` is a jump host's, as known_hosts writes it. */
function forget(argv: readonly string[]): Promise<number> | number {
  const { hosts, rest } = takeHosts(argv);
  const { taken, rest: settings } = takeOptions(rest, ['place']);
  const [word] = hosts;
  if (word === undefined || hosts.length > 1) return fail(`usage: ${sshUsage}`);
  return run(settings, async (ask) => {
    const host = await find(ask, word);
    const query = taken.place === undefined ? '' : `?place=${encodeURIComponent(taken.place)}`;
    await ask('DELETE', `ssh-hosts/${host.id}/accepted-key${query}`);
    const forgotten = taken.place ?? placeOf(host);
    return {
      text: `forgot the accepted key of ${forgotten}; it waits until one is accepted`,
      json: { forgotten },
    };
  });
}

/** One that the fleet file names too is there again at once. */
export const fleetFileNote = ({ notes }: SshHostView): string | null =>
  notes.find(({ code }) => code === 'in-fleet-file')?.text ?? null;

function remove(argv: readonly string[]): Promise<number> | number {
  const { hosts, rest } = takeHosts(argv);
  if (hosts.length === 0) return fail(`usage: ${sshUsage}`);
  return run(rest, async (ask) => {
    const { items } = await ask<SshHostsView>('GET', 'ssh-hosts');
    // All are found before any goes.
    const found = hosts.map((word) => findHost(items, word));
    for (const { id } of found) await ask('DELETE', `ssh-hosts/${id}`);
    const removed = found.map(({ id }) => id);
    const text = found.map((host) => [`removed ${placeOf(host)}`, fleetFileNote(host)]);
    const lines = text.flat().filter((line) => line !== null);
    return { text: lines.join('\n'), json: { removed } };
  });
}

function key(argv: readonly string[]): Promise<number> | number {
  const { hosts, rest } = takeHosts(argv);
  const { taken, rest: settings } = takeOptions(rest, ['file']);
  const [name] = hosts;
  if (name === undefined || hosts.length > 1) return fail(`usage: ${sshUsage}`);
  return run(settings, async (ask) => {
    const path = taken.file ?? null;
    // A script that runs again gets the line again.
    const { keys } = await ask<SshHostsView>('GET', 'ssh-hosts');
    const known = keys.find((each) => each.name === name);
    if (known !== undefined && path === null) return { text: known.publicLine ?? '', json: known };
    const made = await ask<SshKeyView>('POST', 'ssh-keys', { name, path, passphrase: null });
    return { text: made.publicLine ?? '', json: made };
  });
}

/** `gpufleet hub ssh …`: hosts that a running hub reads over SSH. */
export async function sshCommand(argv: readonly string[]): Promise<number> {
  const [word = '', ...rest] = argv;
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(`Usage: ${sshUsage}\n`);
    return 0;
  }
  const commands = { list, add, test, accept, forget, remove, key } as const;
  return Object.hasOwn(commands, word)
    ? commands[word as keyof typeof commands](rest)
    : fail(`usage: ${sshUsage}`);
}
