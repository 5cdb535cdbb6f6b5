import type { OwnRecordingName } from './own-recordings.ts';
import type { Fault, PlayerSettingsInput } from './player/control.ts';

/** A host of the demo. */
export interface DemoHost {
  readonly hostname: string;
  readonly recording: OwnRecordingName;
  readonly labels: Readonly<Record<string, string>>;
  readonly settings?: PlayerSettingsInput;
  /** Befalls it after a while of working well. */
  readonly laterFault?: Fault;
  /** Reports for the first while, is away for the second, and so on; the others stay. */
  readonly comesAndGoes?: { readonly reportingSeconds: number; readonly awaySeconds: number };
}

const group = (name: string, rack: string): Readonly<Record<string, string>> => ({ group: name, rack });

/**
 * Twelve hosts of a made-up cluster: mixed GPUs and drivers, MIG on one, containers with several CUDA versions. Planted
 * in it: a lost GPU, a GPU with a memory error (Xid 95), a driver other than its group's, a driver that was upgraded without a restart, packages that wait for a
 * reboot, a CDI specification of another driver, a fabric manager of another version, a driver that hangs, a GPU too hot for its clocks, and a host that comes and goes.
 */
export const demoHosts: readonly DemoHost[] = [
  { hostname: 'hgx-h100-01', recording: 'h100x8-mig', labels: group('h100', 'a1') },
  {
    hostname: 'hgx-h100-02',
    recording: 'h100x8',
    labels: group('h100', 'a1'),
    settings: {
      software: { cdiDriver: '580.95.05', noCgroups: 'true' },
      fault: { kind: 'xid', xid: 95, gpu: 2 },
    },
  },
  { hostname: 'dgx-a100-01', recording: 'a100x8', labels: group('a100', 'a2') },
  {
    hostname: 'dgx-a100-02',
    recording: 'a100x8',
    labels: group('a100', 'a2'),
    settings: { software: { fabricManager: '550.144.03' }, fault: { kind: 'gpu-lost', gpu: 5 } },
  },
  { hostname: 'nvl72-r1-t05', recording: 'gb200x4', labels: group('gb200', 'b1') },
  {
    hostname: 'inf-l40s-01',
    recording: 'l40sx4',
    labels: group('inference', 'c1'),
    laterFault: { kind: 'driver-on-disk', driverVersion: '595.91.07' },
  },
  {
    hostname: 'inf-l40s-02',
    recording: 'l40sx4',
    labels: group('inference', 'c1'),
    laterFault: { kind: 'version-mismatch', driverVersion: '595.91.07' },
  },
  { hostname: 'gcp-t4-7f2c', recording: 't4-cloud', labels: group('cloud', 'cloud') },
  {
    hostname: 'gcp-t4-spot',
    recording: 't4-cloud',
    labels: group('cloud', 'cloud'),
    comesAndGoes: { reportingSeconds: 75, awaySeconds: 45 },
  },
  { hostname: 'old-v100-04', recording: 'v100x4', labels: group('students', 'd1') },
  {
    hostname: 'ws-ada-4090',
    recording: 'rtx4090x4',
    labels: group('students', 'd1'),
    settings: {
      set: {
        '2': {
          'temperature.gpu': 91,
          'clocks_event_reasons.hw_thermal_slowdown': 'Active',
          'clocks_event_reasons.hw_slowdown': 'Active',
        },
      },
    },
  },
  {
    hostname: 'lab-3090',
    recording: 'rtx3090x2',
    labels: group('students', 'd1'),
    laterFault: { kind: 'hang-mid-sample' },
  },
];
