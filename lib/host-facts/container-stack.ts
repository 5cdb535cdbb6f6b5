import type { ContainerExit, ContainerRequirements, FoundCompat, FoundCuda } from '../model/index.ts';
import { variableOf } from './injection.ts';
import { type JsonObject, jsonObject } from './json.ts';

/** What an inspect document says of a container's CUDA, beside what lib/host-facts' other parsers take from it. */
export interface ContainerStack {
  readonly requirements: ContainerRequirements;
  /** Of its environment and its requirement; the best first. */
  readonly evidence: readonly FoundCuda[];
  /** A compat package that the image's environment names; null: none is named, which does not say that none is there. */
  readonly compat: FoundCompat | null;
  /** Of its first process; null while it does not run. */
  readonly initPid: number | null;
  /** Whether image or engine said anything of NVIDIA: only then its failing to start is of interest here. */
  readonly isOfNvidia: boolean;
  readonly exit: ContainerExit | null;
}

const requirement = /^(NVIDIA_REQUIRE_[A-Z0-9_]{1,64})=/;
const mostRequirements = 16;
const longestRequirement = 8192;
const longestError = 4096;
const noGpus = ['', 'void', 'none'];

/** Reads one value of `GET /containers/ID/json` of Docker or Podman. Never throws. */
export function parseContainerStack(value: unknown): ContainerStack {
  const container = jsonObject(value);
  const state = container?.object('State') ?? null;
  const pid = state?.number('Pid') ?? 0;
  const requirements = requirementsOf(container);
  return {
    requirements,
    evidence: evidenceOf(container, requirements),
    compat: compatOf(container),
    initPid: Number.isSafeInteger(pid) && pid > 0 ? pid : null,
    isOfNvidia: isOfNvidia(container),
    exit: exitOf(container, state),
  };
}

function requirementsOf(container: JsonObject | null): ContainerRequirements {
  const set = container?.object('Config')?.texts('Env') ?? [];
  const found = set.flatMap((item) => {
    const name = requirement.exec(item)?.[1];
    if (name === undefined || name.startsWith('NVIDIA_REQUIRE_JETPACK')) return [];
    return [[name, item.slice(name.length + 1, name.length + 1 + longestRequirement)] as const];
  });
  return {
    variables: Object.fromEntries(found.slice(0, mostRequirements)),
    disableRequire: variableOf(container, 'NVIDIA_DISABLE_REQUIRE')?.slice(0, 64) ?? null,
    driverCapabilities: variableOf(container, 'NVIDIA_DRIVER_CAPABILITIES')?.slice(0, 512) ?? null,
  };
}

/** The major and minor numbers of a CUDA version as images write it: `12.4.1`, `12.4.127-1`. */
export const cudaOf = (text: string | null): string | null =>
  text === null ? null : (/^(\d{1,2}\.\d{1,2})(?:\D|$)/.exec(text)?.[1] ?? null);

function evidenceOf(
  container: JsonObject | null,
  { variables }: ContainerRequirements,
): readonly FoundCuda[] {
  const evidence: FoundCuda[] = [];
  for (const name of ['CUDA_VERSION', 'NV_CUDA_CUDART_VERSION']) {
    const set = variableOf(container, name);
    const version = cudaOf(set);
    if (version !== null && set !== null)
      evidence.push({ kind: 'environment', version, from: `${name}=${set.slice(0, 64)}` });
  }
  // NVIDIA's images ask for the CUDA that they have, as the first alternative: `cuda>=12.4 brand=tesla,…`.
  const asked = /(?:^|[\s,])cuda>=(\d{1,2}(?:\.\d{1,2})?)/.exec(variables['NVIDIA_REQUIRE_CUDA'] ?? '')?.[1];
  if (asked !== undefined)
    evidence.push({
      kind: 'requirement',
      version: asked.includes('.') ? asked : `${asked}.0`,
      from: `NVIDIA_REQUIRE_CUDA asks for cuda>=${asked}`,
    });
  return evidence;
}

function compatOf(container: JsonObject | null): FoundCompat | null {
  const named = variableOf(container, 'NV_CUDA_COMPAT_PACKAGE');
  const driver = variableOf(container, 'CUDA_DRIVER_VERSION');
  if (named === null && driver === null) return null;
  const driverVersion = /^\d{3}\.\d+(?:\.\d+)?$/.exec(driver ?? '')?.[0] ?? null;
  const from =
    driver === null
      ? `NV_CUDA_COMPAT_PACKAGE=${named?.slice(0, 64)}`
      : `CUDA_DRIVER_VERSION=${driver.slice(0, 64)}`;
  return { driverVersion, from, isMapped: null };
}

function isOfNvidia(container: JsonObject | null): boolean {
  const config = container?.object('HostConfig') ?? null;
  const devices = config?.objects('Devices').map((device) => device.text('PathOnHost') ?? '') ?? [];
  const requests = JSON.stringify(config?.value('DeviceRequests') ?? []);
  return (
    config?.text('Runtime')?.includes('nvidia') === true ||
    /"gpu"|nvidia/.test(requests) ||
    devices.some((device) => device.includes('nvidia')) ||
    !noGpus.includes(variableOf(container, 'NVIDIA_VISIBLE_DEVICES') ?? '')
  );
}

const time = (text: string | null | undefined): number | null => {
  const millis = Date.parse(text ?? '');
  // Docker's "never" is the year 1.
  return Number.isNaN(millis) || millis < Date.UTC(2000, 0) ? null : millis;
};

/** Null while it runs, and where it never tried to. */
function exitOf(container: JsonObject | null, state: JsonObject | null): ContainerExit | null {
  if (state === null || container === null) return null;
  const status = state.text('Status');
  const error = state.text('Error')?.slice(0, longestError) ?? null;
  const exitCode = state.number('ExitCode');
  const neverStarted = status === 'created' || status === 'initialized' || status === 'configured';
  if (neverStarted && error === null && exitCode === 0) return null;
  if (!neverStarted && !['exited', 'dead', 'restarting', 'stopped'].includes(status ?? '')) return null;
  const startedAt = time(state.text('StartedAt'));
  const finishedAt = time(state.text('FinishedAt'));
  const at = neverStarted ? (finishedAt ?? time(container.text('Created'))) : finishedAt;
  if (at === null) return null;
  // A start that fails after an earlier run leaves that run's times behind: its error says that it is another.
  const didStart = !neverStarted && startedAt !== null && error === null;
  return {
    exitCode: exitCode !== null && Math.abs(exitCode) <= 1024 ? exitCode : null,
    error,
    reasonProblem: null,
    isOutOfMemory: state.flag('OOMKilled'),
    at: new Date(at).toISOString(),
    ranSeconds: didStart && finishedAt !== null ? Math.max(0, (finishedAt - startedAt) / 1000) : null,
    didStart,
  };
}

const soonSeconds = 60;

/** Whether it ended in a way that someone should look at: never started, out of memory, or badly within a minute. */
export const isFailure = ({ exitCode, error, isOutOfMemory, ranSeconds, didStart }: ContainerExit): boolean =>
  didStart === false ||
  error !== null ||
  ((exitCode !== 0 || isOutOfMemory === true) && ranSeconds !== null && ranSeconds <= soonSeconds);
