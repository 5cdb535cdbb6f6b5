import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Push, Report, ReportedGpu } from '../../lib/model/index.ts';
import { root } from '../../scripts/ensure-built.ts';
import { runCommand } from '../../scripts/run-hub.ts';

/** What the real collector reads of a recorded host with eight GPUs, their processes and containers. */
export async function recordedReport(): Promise<Report> {
  const folder = join(root, 'agents', 'access', 'simulated', 'hosts', 'h100x8');
  return (JSON.parse(await runCommand(['replay', folder, '--json'])) as { report: Report }).report;
}

/** A host id that is the same in every run. */
export function playedHostId(number: number): string {
  const hex = createHash('sha256').update(`bench ${number}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export const playedHostname = (number: number): string => `gpu-${String(number).padStart(4, '0')}`;

/** Sequences repeat in the first GPU's power after this many, so that a viewer can tell which report it sees. */
export const codedSequences = 500;
/** Watts of the first GPU that tell the sequence. */
export const wattsOf = (sequence: number): number => 100 + (sequence % codedSequences);

export interface PlayedHost {
  readonly id: string;
  readonly hostname: string;
  /** The next report as its agent would send it; the values move as a busy host's do. */
  push(sentAtMillis: number): { readonly push: Push; readonly sequence: number };
}

export interface PlayedHostOptions {
  readonly base: Report;
  readonly number: number;
  readonly intervalSeconds: number;
}

/** Host `number` of a played fleet. */
export function playHost({ base, number, intervalSeconds }: PlayedHostOptions): PlayedHost {
  const id = playedHostId(number);
  const hostname = playedHostname(number);
  const uuids = new Map(base.gpus.map(({ uuid }, gpu) => [uuid, `GPU-${playedHostId(number * 64 + gpu)}`]));
  const own = ownReport(base, uuids);
  let sequence = 0;
  return {
    id,
    hostname,
    push(sentAtMillis) {
      sequence += 1;
      const takenAt = new Date(sentAtMillis - 40).toISOString();
      const gpus = own.gpus.map((gpu, index) => moved(gpu, { number, index, sequence, takenAt }));
      const report = { ...own, sequence, takenAt, ageSeconds: 0.04, intervalSeconds, gpus };
      return {
        sequence,
        push: {
          protocol: 1,
          host: { id, hostname, labels: { group: `rack-${Math.floor(number / 50)}`, site: 'a' } },
          agent: {
            version: '0.1.0',
            epoch: `bench-${process.pid}`,
            startedAt: '2026-01-01T00:00:00.000Z',
            spooledReports: 0,
            spooledBytes: 0,
            droppedReports: 0,
          },
          sentAt: new Date(sentAtMillis).toISOString(),
          reports: [report],
        },
      };
    },
  };
}

/** The recorded report under uuids of the host's own. */
function ownReport(base: Report, uuids: ReadonlyMap<string | null, string>): Report {
  const own = (uuid: string) => uuids.get(uuid) ?? uuid;
  return {
    ...base,
    gpus: base.gpus.map((gpu) => ({ ...gpu, uuid: gpu.uuid === null ? null : own(gpu.uuid) })),
    containers: base.containers.map((container) => ({
      ...container,
      gpus: container.gpus.map((use) => ({ ...use, gpuUuid: own(use.gpuUuid) })),
    })),
  };
}

interface Moment {
  readonly number: number;
  readonly index: number;
  readonly sequence: number;
  readonly takenAt: string;
}

function moved(gpu: ReportedGpu, { number, index, sequence, takenAt }: Moment): ReportedGpu {
  // Enough of a hash that neighbours and following reports differ.
  const noise = ((number * 7919 + index * 104_729 + sequence * 15_485_863) >>> 0) % 10_007;
  const share = noise / 10_007;
  const total = gpu.memory.totalBytes ?? 80 * 2 ** 30;
  const usedBytes = Math.floor(total * (0.2 + 0.6 * share));
  return {
    ...gpu,
    utilization: { ...gpu.utilization, gpuRatio: Math.round(share * 100) / 100, memoryRatio: 0.3 },
    memory: { ...gpu.memory, usedBytes, freeBytes: total - usedBytes },
    temperature: { ...gpu.temperature, gpuCelsius: 40 + (noise % 40), memoryCelsius: 45 + (noise % 45) },
    power: { ...gpu.power, drawWatts: index === 0 ? wattsOf(sequence) : 90 + (noise % 600) + 0.25 },
    clocks: { ...gpu.clocks, smHertz: 1e6 * (1200 + (noise % 780)) },
    energyJoules: sequence * 2000 + noise / 8,
    sampledAt: takenAt,
  };
}
