import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCgroup, parseCgroupUser } from '../../lib/host-facts/index.ts';
import {
  type AskedGrant,
  longestContainerId,
  type OwnedProcess,
  type Push,
  type Report,
  type ReportedGpu,
} from '../../lib/model/index.ts';
import { createQueryGpuReader, parseSmiXml, queryGpuFields } from '../../lib/nvidia-smi/index.ts';
import { gpuFixture, processFixture, pushFixture, reportFixture } from '../../lib/protocol/push-fixture.ts';
import { readPush } from '../../lib/protocol/read-push.ts';
import { type EngineContainer, readEngineContainer } from './containers/engine-container.ts';
import { fitSnapshot } from './fit.ts';
import { mergeGpus } from './gpus/merge.ts';
import { joinOwners, reportGpus } from './owners/index.ts';

const documents = ['h100x8-mig', 'rtx4090x4', 't4-cloud'].flatMap((name) => {
  const path = `../access/simulated/hosts/${name}/commands/nvidia-smi-q-x.xml`;
  return [readFileSync(new URL(path, import.meta.url), 'utf8')];
});
/** A number of any size, to stand where a tool printed another. */
const size = fc
  .tuple(
    fc.integer({ min: -20, max: 999 }),
    fc.constantFrom('', '0', '00', '.5', '000', '0000', '000000', '000000000'),
  )
  .map(([digits, zeros]) => `${digits}${zeros}`);
type Change = (usual: string) => string;
/** What a broken tool may print in the place of any value: mostly another number, in the same unit. */
const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 4,
    arbitrary: size.map(
      (number): Change =>
        (usual) =>
          usual.replace(/-?\d+(?:\.\d+)?/, number),
    ),
  },
  fc
    .oneof(
      fc.constantFrom('N/A', '[N/A]', 'ERR!', 'Enabled', 'x'.repeat(5000), '0x1ff', '9007199254740991'),
      fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[<>&]/g, '')),
    )
    .map(
      (text): Change =>
        () =>
          text,
    ),
);
const sampledAt = '2026-11-23T10:00:00.000Z';
const cgroup = fc.oneof(
  fc.constantFrom(`0::/lxc/${'l'.repeat(3000)}`, `0::/docker/${'a'.repeat(64)}`, '0::/lxc.payload.web'),
  fc.string().map((text) => `0::/lxc/${text}`),
);
const words = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('z'.repeat(20_000), '', '2026-01-01', 'running'),
);
const inspect = fc.record(
  {
    Id: fc.constantFrom('a'.repeat(64), 'b'.repeat(64)),
    Name: words,
    Image: words,
    State: fc.record({ Status: words, StartedAt: words }),
    Config: fc.record({
      Image: words,
      Env: fc.array(
        fc.oneof(
          words,
          words.map((text) => `NVIDIA_VISIBLE_DEVICES=${text}`),
        ),
      ),
      Labels: fc.oneof(
        fc.dictionary(fc.oneof(words, fc.constant('__proto__')), words),
        fc
          .integer({ min: 500, max: 3000 })
          .map((count) =>
            Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'v'.repeat(at)])),
          ),
      ),
    }),
  },
  { requiredKeys: ['Id'] },
);

/** What the hub makes of a snapshot after it went over the wire. */
function atTheHub(changes: Partial<Report>): Push {
  const { sequence, ageSeconds, ...snapshot } = { ...reportFixture(), ...changes };
  const report = { sequence, ageSeconds, ...fitSnapshot(snapshot) };
  const outcome = readPush(Buffer.from(JSON.stringify(pushFixture({ reports: [report] }))));
  if (outcome.outcome !== 'read') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

test('whatever nvidia-smi, the engine and the kernel print, the hub takes the report', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...documents),
      fc.infiniteStream(fc.option(change, { freq: 3 })),
      fc.array(inspect, { maxLength: 3 }),
      cgroup,
      (text, values, inspects, cgroupText) => {
        const next = (usual: string): string => values.next().value?.(usual) ?? usual;
        const document = parseSmiXml(text.replaceAll(/>([^<>\n]+)</g, (_, usual) => `>${next(usual)}<`));
        const reader = createQueryGpuReader(queryGpuFields);
        const uuid = document.gpus[0]?.gpu.uuid ?? 'GPU-1';
        const line = queryGpuFields
          .map((_, at) => (at === 0 ? uuid : next('1').replaceAll(/[,\n]/g, '')))
          .join(', ');
        const row = reader.push(line);
        const samples = new Map(
          row === null ? [] : [[uuid, { row, printed: null, sampledAt, sampledSeconds: 2 }]],
        );
        const gpus = mergeGpus({
          latest: { document, printed: text, sampledAt, sampledSeconds: 1 },
          detailsAreCurrent: true,
          samples,
          nowSeconds: 2,
          freshSeconds: 10,
        });
        const facts = {
          owner: parseCgroup(cgroupText),
          uid: 1000,
          cgroupUid: parseCgroupUser(cgroupText),
          cgroup: cgroupText,
          command: null,
        };
        const processes = { factsOf: () => facts, userName: () => null };
        const untold = { byPid: new Map(), sampledAt: null, problem: 'not asked' };
        const reported = reportGpus({ gpus }, { processes, shares: { of: () => untold } });
        const engine = inspects.flatMap((value): [string, EngineContainer][] => {
          const { engine: read } = readEngineContainer(value, {
            toolkitVersion: null,
            toolkitMode: null,
            isModeKnown: true,
            engineVersion: null,
          });
          const asked: AskedGrant = { by: 'environment', all: true, count: null, devices: ['all'] };
          return read === null ? [] : [[read.facts.id, { ...read, asked: read.asked ?? asked }]];
        });
        const joined = joinOwners({
          gpus: reported,
          processes,
          containers: new Map(engine),
          ownerLabel: 'owner',
          nameProblem: () => 'nobody tells',
          kubeletGrantOf: () => null,
          podOf: () => null,
          deviceAccessOf: () => null,
          cudaOf: () => null,
        });
        const problems = [...document.problems, ...reader.problems];
        atTheHub({ gpus: reported, ...joined, problems });
      },
    ),
    { numRuns: 100 },
  );
});

const join = (gpus: readonly ReportedGpu[]) => ({
  gpus,
  processes: {
    factsOf: (pid: number) => ({
      owner: { ...noOwner, containerId: `c${pid % 5000}` },
      ...{ uid: null, cgroupUid: null, cgroup: '', command: null },
    }),
    userName: () => null,
  },
  containers: new Map(),
  ownerLabel: 'owner',
  nameProblem: () => 'nobody tells',
  kubeletGrantOf: () => null,
  podOf: () => null,
  deviceAccessOf: () => null,
  cudaOf: () => null,
});
const noOwner = { runtime: 'docker', containerId: null, podUid: null, slurmJobId: null, unit: null } as const;

test('a host with too much of everything is shown with less, and says so', () => {
  const uses = (count: number): OwnedProcess[] =>
    Array.from({ length: count }, (_, pid) => processFixture(pid, `c${pid % 5000}`));
  const gpus = Array.from({ length: 300 }, (_, index) => ({
    ...gpuFixture(index),
    throttleReasons: Array.from({ length: 90 }, (_each, reason) => `r${reason}`),
    processes: index === 0 ? uses(10_000) : [],
  }));
  const push = atTheHub({ gpus, ...joinOwners(join(gpus)) });
  const [report] = push.reports;
  expect(report?.gpus).toHaveLength(256);
  expect(report?.gpus[0]?.processes.length).toBeGreaterThan(1000);
  expect(report?.gpus[0]?.throttleReasons).toHaveLength(64);
  expect(report?.problems.map(({ field }) => field)).toEqual(
    expect.arrayContaining(['report:/gpus', 'report:/gpus[0]/processes', 'report:/gpus[0]/throttleReasons']),
  );
});

test('an owner or container whose name no hub takes is left out, and that is said', () => {
  const [known] = joinOwners(join([{ ...gpuFixture(0), processes: [processFixture(1, 'c1')] }])).containers;
  if (known === undefined) throw new Error('no container');
  const containers = [known, { ...known, id: 'x'.repeat(longestContainerId + 1) }];
  const push = atTheHub({ gpus: [], containers, owners: [] });
  expect(push.reports[0]?.containers.map(({ id }) => id)).toEqual([known.id]);
  expect(push.reports[0]?.problems).toContainEqual({
    field: 'report:/containers',
    text: '1',
    message: `left out: a name longer than ${longestContainerId} characters`,
  });
});
