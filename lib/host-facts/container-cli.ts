import { cutFailure, type Failure, type FailureCode, type Problem } from '../model/index.ts';

export interface ContainerCliDevice {
  readonly index: number | null;
  readonly minorNumber: number | null;
  readonly name: string | null;
  readonly brand: string | null;
  readonly uuid: string | null;
  readonly pciBusId: string | null;
  readonly computeCapability: string | null;
}

/** What `nvidia-container-cli info` or `-V` printed. */
export interface ContainerCli {
  readonly cliVersion: string | null;
  readonly libraryVersion: string | null;
  /** Of the loaded kernel module. */
  readonly driverVersion: string | null;
  readonly cudaVersion: string | null;
  readonly devices: readonly ContainerCliDevice[];
  /** `cuda>=12.8` of "unsatisfied condition": what an image asked for and the driver is too old for. */
  readonly unsatisfiedCondition: string | null;
  readonly problems: readonly Problem[];
  readonly failure: Failure | null;
}

const longestText = 262_144;
const mostDevices = 1024;
const longestValue = 256;
const error = /nvidia-container-cli(?:\.real)?: ([a-z][a-z ]{1,40} error: [^\n]{1,2000})/;

/** First match wins. */
const codes: readonly (readonly [RegExp, FailureCode])[] = [
  [/driver\/library version mismatch/i, 'version-mismatch'],
  [/driver not loaded|driver rpc error|failed to process request/i, 'driver-not-loaded'],
  [/insufficient permissions|permission denied|operation not permitted/i, 'insufficient-permissions'],
  [/cannot open shared object|load library failed|could not be found|not found: .*\.so/i, 'library-missing'],
  [/gpu is lost|gpu has fallen off/i, 'gpu-lost'],
  [/no adapters were found|no such device|unknown device|no devices|cuda-capable device/i, 'no-devices'],
  [/timed? ?out/i, 'timeout'],
];

const named: ReadonlyMap<string, keyof ContainerCliDevice> = new Map([
  ['Device Index', 'index'],
  ['Device Minor', 'minorNumber'],
  ['Model', 'name'],
  ['Brand', 'brand'],
  ['GPU UUID', 'uuid'],
  ['Bus Location', 'pciBusId'],
  ['Architecture', 'computeCapability'],
]);

const ofInfo: ReadonlySet<string> = new Set([...named.keys(), 'NVRM version', 'CUDA version']);

/** Whether a text is of nvidia-container-cli, cheaply. */
export function isContainerCli(text: string): boolean {
  const head = text.slice(0, 65_536);
  return (
    /^(?:cli-version|lib-version): /m.test(head) || isInfo(head) || isOldVersion(head) || error.test(head)
  );
}

const isInfo = (text: string): boolean => /^NVRM version: {2,}\d/m.test(text) && !/Kernel Module/.test(text);
/** Up to 1.3: `version: 1.3.1` and `build …` lines. */
const isOldVersion = (text: string): boolean => /^version: \d[\s\S]{0,200}^build date: /m.test(text);

/** Reads `info`, `-V`, and the failures that Docker passes on. Never throws. */
export function parseContainerCli(text: string): ContainerCli {
  const head = text.slice(0, longestText).replaceAll('\r', '');
  const problems: Problem[] = [];
  // A value that has no end may be the beginning of another: `GPU-1234`.
  const lastLine = text.length > longestText ? '' : head.slice(head.lastIndexOf('\n') + 1);
  const isCut = ofInfo.has(lastLine.split(':', 1)[0] ?? '') && lastLine.includes(':');
  const whole = isCut ? head.slice(0, head.lastIndexOf('\n') + 1) : head;
  const value = (name: string): string | null =>
    new RegExp(`^${name}: *(\\S{1,64})`, 'm').exec(whole)?.[1] ?? null;
  const failure = failureOf(head) ?? (isCut ? cutFailure('its last line has no end and was not read') : null);
  return {
    cliVersion: value('cli-version') ?? (isOldVersion(head) ? value('version') : null),
    libraryVersion: value('lib-version'),
    driverVersion: value('NVRM version'),
    cudaVersion: value('CUDA version'),
    devices: devicesOf(whole, problems),
    unsatisfiedCondition:
      /unsatisfied condition: ([^,\n]{1,200}?)(?:, please|\\|$)/m.exec(failure?.message ?? '')?.[1]?.trim() ??
      null,
    problems,
    failure,
  };
}

function failureOf(text: string): Failure | null {
  const message = error.exec(text)?.[1];
  if (message === undefined) return null;
  // Docker quotes what it passes on, several times over.
  const told =
    message
      .split('\\n', 1)[0]
      ?.replace(/\\+"?.*$/, '')
      .trim()
      .slice(0, 500) ?? '';
  const code = codes.find(([pattern]) => pattern.test(told))?.[1] ?? 'unknown-error';
  return { code, message: `nvidia-container-cli: ${told}`, gpu: null };
}

function devicesOf(text: string, problems: Problem[]): ContainerCliDevice[] {
  const devices: Record<keyof ContainerCliDevice, string | number | null>[] = [];
  for (const line of text.split('\n', 20_000)) {
    const colon = line.indexOf(':');
    const field = named.get(line.slice(0, Math.max(colon, 0)));
    if (field === undefined) continue;
    const value = line
      .slice(colon + 1)
      .trim()
      .slice(0, longestValue);
    if (field === 'index') {
      if (devices.length >= mostDevices) break;
      devices.push({ ...nothing });
    }
    const device = devices.at(-1);
    if (device === undefined || value === '' || /^(?:N\/A|\[N\/A\]|unknown)$/i.test(value)) continue;
    const isNumber = field === 'index' || field === 'minorNumber';
    if (isNumber && !/^\d{1,5}$/.test(value))
      problems.push({ field: `container-cli:${line.slice(0, colon)}`, text: value, message: 'is no number' });
    else device[field] = isNumber ? Number(value) : value;
  }
  const isNamed = ({ index, uuid }: (typeof devices)[number]): boolean => index !== null || uuid !== null;
  if (!devices.every(isNamed)) {
    const message = 'has neither an index nor a UUID, and is left out';
    problems.push({ field: 'container-cli:Device Index', text: 'a device', message });
  }
  return devices.filter(isNamed) as unknown as ContainerCliDevice[];
}

const nothing = {
  index: null,
  minorNumber: null,
  name: null,
  brand: null,
  uuid: null,
  pciBusId: null,
  computeCapability: null,
};
