import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { privateBytesOf } from '../../bench/support/process-figures.ts';
import { ensureAgentBuilt } from '../../scripts/ensure-built.ts';
import { type FaultySmi, writeFaultySmi } from './support/faulty-smi.ts';
import { openFilesOf } from './support/open-files.ts';
import { root } from './support/played-agent.ts';
import { startProgram } from './support/programs.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';
import { startTestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

/** Each begins with another fault: an agent looks the less often, the more often it failed, so one would take long. */
const agents = 20;
const faultsEach = 10;
/** By then what is loaded for the first time is loaded. */
const warmFaults = 2;
/**
 * What an agent may hold more than when it was warm: a flood leaves V8 some 30 MiB of free pages, which are given back
 * within minutes, and to which no second flood adds.
 */
const mostGrowthBytes = 40 * 2 ** 20;

interface Watched {
  readonly name: string;
  readonly pid: number;
  readonly smi: FaultySmi;
  output(): string;
}

/** Everything that has this process above it, or lies in its session's folder. */
function startedBy(folder: string, pid: number): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== pid)
    .flatMap((name) => {
      try {
        const environment = readFileSync(`/proc/${name}/environ`, 'utf8');
        if (!environment.includes(`HOME=${folder}/home\0`)) return [];
        return [readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    });
}

const measure = ({ pid }: Watched) => ({
  files: openFilesOf(pid).length,
  privateBytes: privateBytesOf(pid),
});

test(`two hundred faults of nvidia-smi leave ${agents} agents without a process, a file or memory more`, async () => {
  await ensureAgentBuilt();
  const hub = await startTestHub(cleanup, { options: ['--interval', '1s'] });
  const token = await hub.enrollmentToken();
  const start = (index: number): Watched & { readonly folder: string } => {
    const folder = temporaryFolder(cleanup, 'growth');
    mkdirSync(join(folder, 'home'));
    const smi = writeFaultySmi(folder, index);
    const name = `faulty-${index}`;
    // One stream that lasts, and one program a sample: what is left behind may differ.
    const way = index % 2 === 0 ? [] : ['--no-hold'];
    const program = startProgram(
      cleanup,
      [
        process.execPath,
        join(root, 'dist', 'agent', 'gpufleet-agent.mjs'),
        ...['--hub', hub.url, '--token', token, '--nvidia-smi', smi.path, '--no-docker', '--interval', '1s'],
        ...['--state-dir', join(folder, 'state'), '--label', `played=${name}`, ...way],
      ],
      { env: { HOME: join(folder, 'home') } },
    );
    return { name, pid: program.pid, smi, folder, output: program.output };
  };
  const watched = Array.from({ length: agents }, (_, index) => start(index));
  const reach = (each: Watched, count: number) =>
    eventually(() => each.smi.faults() >= count, {
      seconds: 150,
      everySeconds: 0.1,
      what: `${count} faults of ${each.name}, ${each.smi.faults()} came\n${each.output()}`,
    });
  await Promise.all(
    watched.map(async (each) => {
      await reach(each, warmFaults);
      const before = measure(each);
      await reach(each, faultsEach);
      const message = `${each.name}: ${JSON.stringify(before)}`;
      // A stream or a sample and a document run at most, each with a shell's own child, and the kernel log's reader.
      await eventually(() => startedBy(each.folder, each.pid).length <= 6, {
        seconds: 20,
        what: `the programs of ${each.name} to end: ${startedBy(each.folder, each.pid).join('\n')}`,
      });
      await eventually(() => measure(each).files <= before.files + 4, {
        seconds: 20,
        what: `${message}: files to be closed, ${openFilesOf(each.pid).join(' ')}`,
      });
      await eventually(() => measure(each).privateBytes - before.privateBytes < mostGrowthBytes, {
        seconds: 20,
        what: `${message}: memory to be given back, ${measure(each).privateBytes} are held`,
      });
    }),
  );
  const total = watched.reduce((sum, { smi }) => sum + smi.faults(), 0);
  expect(total).toBeGreaterThanOrEqual(agents * faultsEach);
  const { items } = await hub.getJson<{ items: readonly { readonly labels: Record<string, string> }[] }>(
    '/api/v1/hosts',
  );
  expect(items).toHaveLength(agents);
}, 240_000);
