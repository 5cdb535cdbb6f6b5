import {
  parseBootTime,
  parseDriverVersion,
  parseOsRelease,
  parseToolkitVersion,
} from '../../../lib/host-facts/index.ts';
import { longestRawText, type RawText } from '../../../lib/model/index.ts';
import type { HostAccess, RunResult } from '../../access/host-access.ts';
import { failed, fileOutcome, quote, runFailure } from '../failures.ts';
import type { Outcome } from '../source.ts';
import { osReleaseReader } from './os-release.ts';

const fileLimits = { maxBytes: 256 * 1024, deadlineSeconds: 2 };
const runLimits = { deadlineSeconds: 5, maxOutputBytes: 64 * 1024 };

export const driverVersionPath = '/proc/driver/nvidia/version';
export const toolkitCommand = ['nvidia-ctk', '--version'] as const;

export interface DriverFacts {
  readonly version: string | null;
  readonly flavour: string | null;
  /** The line that says it. */
  readonly printed: string;
}

/** The loaded kernel module, which decides; absent when none is loaded. */
export async function readDriver(access: HostAccess): Promise<Outcome<DriverFacts>> {
  const file = fileOutcome(await access.readFile(driverVersionPath, fileLimits));
  if (file.state !== 'ok') return file;
  const { version, flavour } = parseDriverVersion(file.value);
  if (version === null) return failed('unknown-error', `${driverVersionPath} says: ${quote(file.value)}`);
  return { state: 'ok', value: { version, flavour, printed: lineWith(file.value, 'NVRM version:') } };
}

export interface ToolkitFacts {
  readonly version: string;
  readonly printed: string;
}

export async function readToolkit(access: HostAccess): Promise<Outcome<ToolkitFacts>> {
  const result = await access.run([...toolkitCommand], runLimits);
  const ended = runFailure(toolkitCommand[0], result);
  if (ended !== null) return ended.state === 'absent' ? { state: 'absent', failure: null } : ended;
  const version = parseToolkitVersion(result.stdout);
  const said = quote(result.stdout || result.stderr);
  return version === null
    ? failed('unknown-error', `nvidia-ctk says: ${said}`)
    : { state: 'ok', value: { version, printed: said } };
}

export interface SystemFacts {
  readonly kernelVersion: string | null;
  readonly osName: string | null;
  readonly architecture: string | null;
  readonly bootedAt: string | null;
  /** Each fact's line as printed, by the same names. */
  readonly printed: Readonly<
    Partial<Record<'kernelVersion' | 'osName' | 'architecture' | 'bootedAt', RawText>>
  >;
}

/** The first line that begins so, as printed. */
function lineWith(text: string, start: string): string {
  const line = text.split('\n').find((each) => each.startsWith(start)) ?? '';
  return line.trim().slice(0, longestRawText);
}

const fileLine = (name: string, text: string | null, start: string): RawText => ({
  form: 'file',
  name,
  text: text === null ? '' : lineWith(text, start),
});

/** Asks what machine this is until it is told; it stays so. */
export function machineOf(access: HostAccess): () => Promise<RunResult> {
  let known: RunResult | null = null;
  return async () => {
    const result = known ?? (await access.run(['uname', '-m'], runLimits));
    if (result.outcome === 'exited' && result.exitCode === 0) known = result;
    return result;
  };
}

/** Kernel, distribution, machine, boot time; each null when it cannot be read. */
export async function readSystem(
  access: HostAccess,
  askMachine = machineOf(access),
  readRelease = osReleaseReader(),
): Promise<Outcome<SystemFacts>> {
  const text = async (path: string, maxBytes = fileLimits.maxBytes): Promise<string | null> => {
    const file = await access.readFile(path, { ...fileLimits, maxBytes });
    return file.outcome === 'read' ? file.text : null;
  };
  const [kernel, release, stat, machine] = await Promise.all([
    text('/proc/sys/kernel/osrelease'),
    readRelease(text),
    text('/proc/stat', 4 * 1024 * 1024),
    askMachine(),
  ]);
  const bootSeconds = stat === null ? null : parseBootTime(stat);
  const facts: SystemFacts = {
    kernelVersion: kernel?.trim().slice(0, 256) || null,
    osName: release.text === null ? null : parseOsRelease(release.text),
    architecture: machine.outcome === 'exited' ? machine.stdout.trim().slice(0, 64) || null : null,
    bootedAt: bootSeconds === null ? null : new Date(bootSeconds * 1000).toISOString(),
    printed: {
      kernelVersion: fileLine('/proc/sys/kernel/osrelease', kernel, ''),
      osName: fileLine(release.path, release.text, 'PRETTY_NAME='),
      bootedAt: fileLine('/proc/stat', stat, 'btime '),
      architecture: {
        form: 'command',
        name: 'uname -m',
        text: machine.outcome === 'exited' ? machine.stdout.trim().slice(0, longestRawText) : '',
      },
    },
  };
  if (kernel === null) return failed('unknown-error', '/proc/sys/kernel/osrelease cannot be read');
  return { state: 'ok', value: facts };
}
