import { countPci } from '../model/index.ts';
import type { EmitSample, ExposedHost, Family, PreparedLabels } from './family.ts';
import { isReporting, label } from './family.ts';

type Source = ExposedHost['sources'][number];

const infoLabels = [
  'host',
  'host_id',
  'group',
  'driver_version',
  'kernel_driver_version',
  'cuda_version',
  'container_toolkit_version',
  'docker_version',
  'kernel_version',
  'os',
  'agent_version',
] as const;

/**
 * A label key as Prometheus allows it: `kubernetes.io/arch` is `label_kubernetes_io_arch`. One whose name is taken is
 * numbered until it is free, since a name written twice makes the whole document unreadable.
 */
function hostLabels(host: ExposedHost): string[] {
  const taken = new Set<string>(infoLabels);
  const sorted = [...host.labels].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return sorted.map(({ key, value }) => {
    const wanted = `label_${key.replace(/[^a-zA-Z0-9_]/g, '_')}`;
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) name = `${wanted}__${number}`;
    taken.add(name);
    return label(name, value);
  });
}

function emitHostInfo(host: ExposedHost, prepared: PreparedLabels, sample: EmitSample): void {
  const values: Record<Exclude<(typeof infoLabels)[number], 'host'>, string | null> = {
    host_id: host.id,
    group: host.group,
    driver_version: host.driverVersion,
    kernel_driver_version: host.stack?.kernelDriverVersion ?? null,
    cuda_version: host.stack?.cudaVersion ?? null,
    container_toolkit_version: host.stack?.containerToolkitVersion ?? null,
    docker_version: host.stack?.dockerVersion ?? null,
    kernel_version: host.stack?.kernelVersion ?? null,
    os: host.stack?.osName ?? null,
    agent_version: host.agent?.version ?? null,
  };
  const own = Object.entries(values).map(([name, value]) => label(name, value));
  sample([prepared.host, ...own, ...hostLabels(host)].join(','), 1);
}

function perHost(
  shape: Pick<Family, 'name' | 'help' | 'unit' | 'told'>,
  read: (host: ExposedHost) => number | null,
): Family {
  return {
    ...shape,
    type: 'gauge',
    labels: ['host'],
    emit: (host, prepared, sample) => sample(prepared.host, read(host)),
  };
}

function perSource(
  shape: Pick<Family, 'name' | 'help' | 'unit'>,
  read: (source: Source) => number | null,
): Family {
  return {
    ...shape,
    type: 'gauge',
    labels: ['host', 'source'],
    told: 'while-reporting',
    emit(host, prepared, sample) {
      for (const source of host.sources)
        sample(`${prepared.host},${label('source', source.source)}`, read(source));
    },
  };
}

/** Unix seconds of an ISO 8601 time; null when there is none. */
function unixSeconds(time: string | null): number | null {
  return time === null ? null : Date.parse(time) / 1000;
}

/** A source that the host does not have, or that was told to pause, neither succeeds nor fails. */
function success(source: Source): number | null {
  if (source.state === 'ok') return 1;
  return source.state === 'failed' || source.state === 'hung' ? 0 : null;
}

/** Texts by where they stood: `xml`, `csv`, `docker` …; what the hub itself says of a clock is none. */
function problemForms(host: ExposedHost): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { field } of host.problems) {
    const form = field.includes(':') ? (field.split(':', 1)[0] ?? '') : field;
    if (field !== 'clock') counts.set(form, (counts.get(form) ?? 0) + 1);
  }
  return counts;
}

/** What is told per host. */
export const hostFamilies: readonly Family[] = [
  {
    name: 'gpufleet_host_info',
    help: 'Software of the host, and its group and labels; always 1.',
    type: 'gauge',
    unit: null,
    labels: infoLabels,
    told: 'while-reporting',
    emit: emitHostInfo,
  },
  perHost(
    {
      name: 'gpufleet_host_up',
      help: '1 while the host reports, 0 after three intervals without a report.',
      unit: null,
      told: 'always',
    },
    (host) => (isReporting(host) ? 1 : 0),
  ),
  perHost(
    {
      name: 'gpufleet_host_last_report_timestamp_seconds',
      help: 'Unix time of the last report, clock of the hub.',
      unit: 'seconds',
      told: 'always',
    },
    (host) => unixSeconds(host.lastReportAt),
  ),
  perHost(
    {
      name: 'gpufleet_host_clock_offset_seconds',
      help: 'Clock of the host minus clock of the hub.',
      unit: 'seconds',
      told: 'while-reporting',
    },
    (host) => host.clockOffsetSeconds,
  ),
  perHost(
    {
      name: 'gpufleet_host_pci_gpus',
      help: "NVIDIA GPUs on the host's PCI bus, those passed through to virtual machines left out.",
      unit: null,
      told: 'while-reporting',
    },
    (host) => (host.pciGpus == null ? null : countPci(host.pciGpus, [], false).own),
  ),
  perHost(
    {
      name: 'gpufleet_host_pci_gpus_answering',
      help: 'Of the GPUs on the PCI bus, those of which nvidia-smi tells values now.',
      unit: null,
      told: 'while-reporting',
    },
    // While they are let go nobody asks them, so none is missing.
    (host) =>
      host.pciGpus == null || host.state === 'paused' || host.state === 'starting'
        ? null
        : countPci(host.pciGpus, host.gpus, host.current).answering,
  ),
  perHost(
    {
      name: 'gpufleet_host_stuck_processes',
      help: 'Processes of the agent that not even SIGKILL ends, since the driver holds them.',
      unit: null,
      told: 'while-reporting',
    },
    (host) => host.agent?.stuckProcesses ?? null,
  ),
  {
    name: 'gpufleet_host_drift',
    help: "1 while a facet of the host's software is not what its group's baseline says; expected is the baseline.",
    type: 'gauge',
    unit: null,
    labels: ['host', 'facet', 'expected', 'actual'],
    told: 'while-reporting',
    emit(host, prepared, sample) {
      for (const { facet, expected, actual } of host.drift ?? []) {
        const own = [label('facet', facet), label('expected', expected), label('actual', actual)];
        sample([prepared.host, ...own].join(','), 1);
      }
    },
  },
  {
    name: 'gpufleet_host_stack_issue',
    help: "1 while something of the host's software is wrong whatever its baselines say, such as a pending reboot; the Versions page has the fix.",
    type: 'gauge',
    unit: null,
    labels: ['host', 'issue', 'severity'],
    told: 'while-reporting',
    emit(host, prepared, sample) {
      const issues = new Map(host.stackIssues?.map(({ kind, severity }) => [kind, severity]));
      for (const [kind, severity] of issues)
        sample(`${prepared.host},${label('issue', kind)},${label('severity', severity)}`, 1);
    },
  },
  perSource(
    {
      name: 'gpufleet_collect_duration_seconds',
      help: 'How long the last reading of a source took.',
      unit: 'seconds',
    },
    (source) => source.durationSeconds,
  ),
  perSource(
    {
      name: 'gpufleet_collect_success',
      help: '1 if the last reading of a source worked, else 0.',
      unit: null,
    },
    success,
  ),
  {
    name: 'gpufleet_collect_problems',
    help: 'Texts of the last reading that were not understood, by where they stood.',
    type: 'gauge',
    unit: null,
    labels: ['host', 'form'],
    told: 'while-reporting',
    emit(host, prepared, sample) {
      for (const [form, count] of problemForms(host))
        sample(`${prepared.host},${label('form', form)}`, count);
    },
  },
  {
    name: 'gpufleet_doctor_finding',
    help: "What is wrong with the host's GPU stack; always 1. The host's page has the fix.",
    type: 'gauge',
    unit: null,
    labels: ['host', 'code', 'severity'],
    told: 'while-reporting',
    emit(host, prepared, sample) {
      const codes = new Map(host.doctor?.findings.map(({ code, severity }) => [code, severity]));
      for (const [code, severity] of codes)
        sample(`${prepared.host},${label('code', code)},${label('severity', severity)}`, 1);
    },
  },
];
