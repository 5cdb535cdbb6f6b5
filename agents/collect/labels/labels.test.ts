import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FileResult, HostAccess, RunResult } from '../../access/host-access.ts';
import { systemClock } from '../clock.ts';
import { createSource } from '../source.ts';
import { createHostLabels, type HostLabels } from './index.ts';

const path = '/etc/gpufleet/labels.yaml';
const absentFile: FileResult = { outcome: 'absent', message: 'ENOENT' };
const noProgram: RunResult = {
  outcome: 'not-found',
  exitCode: null,
  stdout: '',
  stderr: '',
  durationSeconds: 0.01,
};
const exited = (stdout: string, exitCode = 0, stderr = ''): RunResult => ({
  ...noProgram,
  outcome: 'exited',
  exitCode,
  stdout,
  stderr,
});
const node = (partitions: string): RunResult =>
  exited(`NodeName=gpu-1 Arch=x86_64 CPUTot=64 State=IDLE Partitions=${partitions} BootTime=2026-11-01\n`);

let file: FileResult;
let slurm: RunResult;
let asked: string[][];
let labels: HostLabels;
const sources = () => ({
  fileSource: createSource('labels-file', path, systemClock),
  slurmSource: createSource('slurm', 'scontrol', systemClock),
});
let made: ReturnType<typeof sources>;

async function start(own: Record<string, string> = {}): Promise<void> {
  const access = {
    readFile: async () => file,
    run: async (command: readonly string[]) => {
      asked.push([...command]);
      return slurm;
    },
  } as unknown as HostAccess;
  made = sources();
  labels = createHostLabels({ access, own, path, hostname: 'gpu-1.example.com', ...made });
  await labels.start();
}
const text = (yaml: string): FileResult => ({ outcome: 'read', text: yaml, truncated: false });

beforeEach(() => {
  vi.useFakeTimers();
  file = absentFile;
  slurm = noProgram;
  asked = [];
});
afterEach(async () => {
  await labels.stop();
  vi.useRealTimers();
});

test('a host with neither file nor Slurm has what its command line says, and no problem', async () => {
  await start({ rack: 'a1' });
  expect(labels.current).toEqual({ labels: { rack: 'a1' }, sources: {} });
  expect(labels.problems).toEqual([]);
  expect([made.fileSource.status.state, made.slurmSource.status.state]).toEqual(['absent', 'absent']);
});

test('Slurm wins over the file, the file over the command line, and each is told', async () => {
  file = text('rack: b2\nowner: 007\nslurm-partition: wrong\n');
  slurm = node('gpu,debug');
  await start({ rack: 'a1', room: '1' });
  expect(labels.current).toEqual({
    labels: { rack: 'b2', room: '1', owner: '007', 'slurm-partition': 'gpu,debug' },
    sources: { rack: 'labels-file', owner: 'labels-file', 'slurm-partition': 'slurm' },
  });
  expect(asked).toEqual([['scontrol', 'show', 'node', 'gpu-1', '--oneliner']]);
});

test('an edit counts; a bad one is a problem with its line, and changes nothing until it is mended', async () => {
  file = text('rack: a1\n');
  await start();
  file = text('rack: b2\n9: x\nowner: [a]\n');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(labels.current.labels).toEqual({ rack: 'a1' });
  expect(labels.problems).toEqual([
    {
      field: 'labels',
      text: `${path}:2`,
      message: 'the label "9" must begin with a letter, and then has letters, digits and _ . - /',
    },
    { field: 'labels', text: `${path}:3`, message: 'the value of owner must be plain text' },
  ]);
  expect(made.fileSource.status).toMatchObject({ state: 'failed', failure: { code: 'invalid-argument' } });
  file = text('rack: c3\n');
  await vi.advanceTimersByTimeAsync(10_000);
  expect([labels.current.labels, labels.problems]).toEqual([{ rack: 'c3' }, []]);
  file = absentFile;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(labels.current.labels).toEqual({});
});

test('a Slurm that does not answer keeps what it said, and one that knows no such node is no fault', async () => {
  slurm = node('gpu');
  await start();
  slurm = { ...noProgram, outcome: 'timeout', durationSeconds: 5 };
  await vi.advanceTimersByTimeAsync(300_000);
  expect(labels.current.labels).toEqual({ 'slurm-partition': 'gpu' });
  expect(made.slurmSource.status).toMatchObject({ state: 'hung', failure: { code: 'timeout' } });
  slurm = exited('', 1, 'Node gpu-1 not found\n');
  await vi.advanceTimersByTimeAsync(300_000);
  expect(labels.current.labels).toEqual({});
  expect(made.slurmSource.status.state).toBe('absent');
});

test('a node in no partition has no label, and what is no node is a failure', async () => {
  slurm = node('(null)');
  await start();
  expect([labels.current.labels, made.slurmSource.status.state]).toEqual([{}, 'ok']);
  slurm = exited('slurm_load_node error: Unable to contact slurm controller\n', 1);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(made.slurmSource.status).toMatchObject({ state: 'failed' });
});

test('more labels than the hub takes are cut to the strongest, and said', async () => {
  file = text(Array.from({ length: 60 }, (_, at) => `file${at}: x`).join('\n'));
  await start(Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`own${at}`, 'y'])));
  const kept = Object.keys(labels.current.labels);
  expect(kept).toHaveLength(64);
  expect(kept.filter((key) => key.startsWith('file'))).toHaveLength(60);
  expect(labels.problems[0]?.message).toContain('more than the 64');
});
