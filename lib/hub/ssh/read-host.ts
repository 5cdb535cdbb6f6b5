import { createGatedAccess } from '../../../agents/access/gate.ts';
import { openHubOpenSsh } from '../../../agents/access/ssh/hub-openssh.ts';
import { hubTargets, makeKeyPair, publicLineOf } from '../../../agents/access/ssh/hub-target.ts';
import { openSshAccess, type SshAccess, SshError } from '../../../agents/access/ssh/index.ts';
import { runRootScript } from '../../../agents/access/ssh/root-script.ts';
import { createCollector } from '../../../agents/collect/index.ts';
import { readMachine } from '../../../agents/collect/machine.ts';
import { createDoctorKeeper } from '../../../agents/doctor/keeper.ts';
import {
  createAgent,
  createCredentialMemory,
  createMemorySpool,
  type HubClient,
} from '../../../agents/report/index.ts';
import { createSoftwareKeeper } from '../../../agents/software/keeper.ts';
import type { SshTestStep, SshTestStepName } from '../../model/index.ts';
import type { DoorFault, DoorTarget, OfferedKey, OpenReader, ReadWishes, SshDoor } from './door.ts';

const dockerSocketPath = '/var/run/docker.sock';
/** Where an agent looks unless it is told another place. */
const labelsPath = '/etc/gpufleet/labels.yaml';
const spoolBytes = 2 * 2 ** 20;
/** The wire's own credential is not asked for inside one process. */
const noCredential = 'gfa_in-this-process';

function offeredOf(error: SshError): OfferedKey | null {
  const [place, type] = error.knownHostsLine?.split(' ') ?? [];
  if (error.knownHostsLine === null || error.fingerprint === null || place === undefined) return null;
  return { place, type: type ?? '', fingerprint: error.fingerprint, line: error.knownHostsLine };
}

const faultOf = (error: unknown): DoorFault =>
  error instanceof SshError
    ? { code: error.condition, text: error.message, offered: offeredOf(error) }
    : { code: 'no-shell', text: error instanceof Error ? error.message : String(error), offered: null };

async function connect(target: DoorTarget): Promise<SshAccess> {
  return target.client === 'openssh' ? openHubOpenSsh(target) : openSshAccess(await hubTargets(target));
}

/** The agent's way to the hub, without a wire between. */
function clientOf({ push }: ReadWishes): HubClient {
  return {
    url: 'this hub',
    async post({ path, body, isGzipped }) {
      if (path !== '/api/v1/push')
        return { status: 404, contentType: 'application/problem+json', retryAfter: undefined, body: '{}' };
      const answer = await push(body, isGzipped);
      const contentType = answer.status < 400 ? 'application/json' : 'application/problem+json';
      return { ...answer, contentType, retryAfter: undefined };
    },
    getFile: () => Promise.reject(new Error('nothing is fetched over SSH')),
    close() {},
  };
}

/** The collector and the loop of an agent, in this process, over the connection. */
function startReading(connected: SshAccess, hostname: string, wishes: ReadWishes) {
  // One gate for all that opens a GPU, the doctor's programs too: a pause lets go of everything.
  const access = createGatedAccess(connected);
  const collector = createCollector(access, {
    intervalSeconds: wishes.intervalSeconds,
    dockerSocketPath,
    labels: { own: {}, path: labelsPath, hostname },
  });
  const doctor = createDoctorKeeper({ access, collector, dockerSocketPath });
  const credentialStore = createCredentialMemory();
  credentialStore.write(noCredential);
  const agent = createAgent({
    collector,
    doctor,
    software: createSoftwareKeeper({
      access,
      collector,
      dockerSocketPath,
      onChange: () => doctor.again(),
    }),
    // Asked for each push, since labels change while it is read.
    host: {
      id: wishes.hostId,
      hostname,
      get labels() {
        return collector.labels.labels;
      },
      get labelSources() {
        return collector.labels.sources;
      },
    },
    spool: createMemorySpool(spoolBytes),
    hub: { client: clientOf(wishes), credentialStore, readToken: () => null },
    log: wishes.log,
  });
  agent.start();
  return agent;
}

async function open(target: DoorTarget, wishes: ReadWishes): Promise<OpenReader | DoorFault> {
  let access: SshAccess | null = null;
  try {
    access = await connect(target);
    const connected = access;
    const [hostname, machine] = await Promise.all([connected.hostname(), readMachine(connected)]);
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
  return { name: 'nvidia-smi', outcome: 'failed', text: why.slice(0, 500) };
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
    return { name: 'docker', outcome: 'failed', text: dockerWords[code] ?? message };
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
