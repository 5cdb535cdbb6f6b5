import { openHubOpenSsh } from '../../../agents/access/ssh/hub-openssh.ts';
import { hubTargets, makeKeyPair, publicLineOf } from '../../../agents/access/ssh/hub-target.ts';
import { openSshAccess, type SshAccess, SshError } from '../../../agents/access/ssh/index.ts';
import { runRootScript } from '../../../agents/access/ssh/root-script.ts';
import { readMachine } from '../../../agents/collect/machine.ts';
import type { SshTestStep, SshTestStepName } from '../../model/index.ts';
import type { DoorFault, DoorTarget, OfferedKey, OpenReader, ReadWishes, SshDoor } from './door.ts';
import { plainLine } from './plain-line.ts';
import { dockerSocketPath, startReading } from './reading.ts';

const mostHostnameCharacters = 253;
/** The first file over a new connection takes longer than one at home; without it a machine might be read twice. */
const machineSeconds = 10;

function offeredOf(error: SshError): OfferedKey | null {
  const [place, type] = error.knownHostsLine?.split(' ') ?? [];
  if (error.knownHostsLine === null || error.fingerprint === null || place === undefined) return null;
  return { place, type: type ?? '', fingerprint: error.fingerprint, line: error.knownHostsLine };
}

function faultOf(error: unknown): DoorFault {
  const text = plainLine(error instanceof Error ? error.message : String(error));
  return error instanceof SshError
    ? { code: error.condition, text, offered: offeredOf(error) }
    : { code: 'no-shell', text, offered: null };
}

/** What the host calls itself goes into every report, which has no room for just anything. */
async function hostnameOf(access: SshAccess): Promise<string> {
  const name = await access.hostname();
  if (name !== '' && name.length <= mostHostnameCharacters && plainLine(name) === name) return name;
  throw new SshError('no-shell', `what it calls itself is no host name: ${plainLine(name, 100)}`);
}

async function connect(target: DoorTarget): Promise<SshAccess> {
  return target.client === 'openssh' ? openHubOpenSsh(target) : openSshAccess(await hubTargets(target));
}

async function open(target: DoorTarget, wishes: ReadWishes): Promise<OpenReader | DoorFault> {
  let access: SshAccess | null = null;
  try {
    access = await connect(target);
    const connected = access;
    const [hostname, machine] = await Promise.all([
      hostnameOf(connected),
      readMachine(connected, machineSeconds),
    ]);
    const agent = startReading(connected, hostname, wishes);
    let stopping: Promise<void> | null = null;
    const stop = (): Promise<void> => {
      stopping ??= agent
        .stop()
        .then(() => connected.close())
        .catch((error: unknown) => wishes.log(String(error)));
      return stopping;
    };
    return { hostname, machine, notes: connected.notes, gone: connected.disconnected.then(stop), stop };
  } catch (error) {
    // Half open: it answered, and then did not say its name.
    await access?.close();
    return faultOf(error);
  }
}

const stepNames: readonly SshTestStepName[] = [
  'reachable',
  'key-known',
  'logged-in',
  'shell',
  'nvidia-smi',
  'docker',
];

/** At which step a condition stops. */
const stopsAt: Readonly<Record<string, SshTestStepName>> = {
  unreachable: 'reachable',
  silent: 'reachable',
  'endless-banner': 'reachable',
  'no-handshake': 'reachable',
  settings: 'reachable',
  'unknown-key': 'key-known',
  'changed-key': 'key-known',
  'revoked-key': 'key-known',
  'needs-certificate': 'key-known',
  'known-hosts': 'key-known',
  identity: 'logged-in',
  'key-permissions': 'logged-in',
  refused: 'logged-in',
  'account-closed': 'logged-in',
};

function stepsUntil(name: SshTestStepName, text: string): readonly SshTestStep[] {
  const at = stepNames.indexOf(name);
  return stepNames.map((each, index) => ({
    name: each,
    outcome: index < at ? 'ok' : index === at ? 'failed' : 'skipped',
    text: index === at ? text : null,
  }));
}

async function nvidiaSmiStep(access: SshAccess): Promise<SshTestStep> {
  const { outcome, exitCode, stdout, stderr } = await access.run(['nvidia-smi', '-L'], {
    deadlineSeconds: 20,
    maxOutputBytes: 64 * 1024,
  });
  const gpus = stdout.split('\n').filter((line) => line.startsWith('GPU ')).length;
  if (exitCode === 0)
    return { name: 'nvidia-smi', outcome: 'ok', text: gpus === 1 ? '1 GPU' : `${gpus} GPUs` };
  const why =
    stderr.trim() || stdout.trim() || (outcome === 'not-found' ? 'nvidia-smi is not there' : outcome);
  return { name: 'nvidia-smi', outcome: 'failed', text: plainLine(why, 500) };
}

const dockerWords: Readonly<Record<string, string>> = {
  ENOENT: 'There is no Docker socket; GPUs and processes are read all the same.',
  EACCES:
    'The account may not open Docker’s socket, or the server forbids forwarding it; containers appear by id.',
};

async function dockerStep(access: SshAccess): Promise<SshTestStep> {
  try {
    (await access.connect(dockerSocketPath, { deadlineSeconds: 10 })).destroy();
    return { name: 'docker', outcome: 'ok', text: null };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return { name: 'docker', outcome: 'failed', text: dockerWords[code] ?? plainLine(message) };
  }
}

const test: SshDoor['test'] = async (target) => {
  let access: SshAccess;
  try {
    access = await connect(target);
  } catch (error) {
    const { code, text, offered } = faultOf(error);
    return { steps: stepsUntil(stopsAt[code] ?? 'shell', text), offered };
  }
  try {
    const last = [await nvidiaSmiStep(access), await dockerStep(access)];
    return { steps: [...stepsUntil('nvidia-smi', '').slice(0, 4), ...last], offered: null };
  } finally {
    await access.close();
  }
};

const runScript: SshDoor['runRootScript'] = async (target, { text, ...script }) => {
  if (target.client === 'openssh')
    return {
      outcome: 'no-connection',
      message:
        'installing is not done over the OpenSSH client: run the line of Add host on this host; the agent stays the same host',
    };
  try {
    return await runRootScript({ ...(await hubTargets(target)), ...script, script: text });
  } catch (error) {
    return { outcome: 'no-connection', message: faultOf(error).text };
  }
};

/** The hub's way to hosts over SSH: with the collector and the loop that agents have. */
export const sshDoor: SshDoor = {
  makeKey: makeKeyPair,
  publicLine: publicLineOf,
  open,
  test,
  runRootScript: runScript,
};
