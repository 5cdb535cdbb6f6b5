import { type Explanation, type Known, nothing, places, valueAt } from './explanation.ts';
import type { Subject } from './subject.ts';

/** Which source reads a fact of the stack. */
const stackSources: Readonly<Record<string, string>> = {
  kernelDriverVersion: 'driver-version',
  kernelModuleFlavour: 'driver-version',
  driverVersion: 'nvidia-smi-xml',
  cudaVersion: 'nvidia-smi-xml',
  containerToolkitVersion: 'container-toolkit',
  dockerVersion: 'docker',
  kernelVersion: 'os',
  osName: 'os',
  architecture: 'os',
  bootedAt: 'os',
};

const stackConversions: Readonly<Record<string, string>> = {
  kernelModuleFlavour: 'A module that calls itself "Open Kernel Module" is open, any other proprietary.',
  bootedAt: 'Seconds since 1970 at boot; up for is counted from there by the hub’s clock.',
};

/** A fact of the host's software. */
export function explainHost(subject: Extract<Subject, { kind: 'host' }>, { host, raw }: Known): Explanation {
  const source = host.sources.find(({ source: name }) => name === stackSources[subject.field]);
  const text = raw?.host[subject.field];
  const value = valueAt(host.stack, subject.field);
  const isTold = typeof value === 'string';
  return {
    ...nothing,
    title: subject.label,
    value: isTold ? value : null,
    why: isTold ? null : (source?.failure?.message ?? 'It is not there, or the agent may not read it.'),
    api: `stack.${subject.field} = ${JSON.stringify(value ?? null)}`,
    // A file is its own command.
    command: source === undefined || source.command === text?.name ? null : source.command,
    place: text === undefined ? null : { what: places[text.form], name: text.name },
    printed: text?.text ?? null,
    conversion: stackConversions[subject.field] ?? 'The version out of that text.',
    sampledAt: source?.lastSuccessAt ?? null,
  };
}
