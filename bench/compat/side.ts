import { compatData } from '../../lib/cuda-compat/index.ts';
import { createFleet, type Fleet } from '../../lib/fleet/index.ts';
import { fleetImages, reportingHosts } from '../../lib/hub/compat/images.ts';
import { createJudge, type Judge } from '../../lib/hub/compat/judge.ts';
import { createCompatKeeper } from '../../lib/hub/compat/keeper.ts';
import { groupsOf, imageRow } from '../../lib/hub/compat/matrix.ts';
import type { CompatContainer, Container, Report } from '../../lib/model/index.ts';
import { gpuFixture, pushFixture, reportFixture } from '../../lib/protocol/push-fixture.ts';
import { answerParent } from '../support/child.ts';

const hosts = 1250;
const images = 2000;

/** 60 kinds of hosts: more than a site that takes care has. */
const drivers = [
  '470.256.02',
  '535.309.01',
  '550.54.15',
  '550.163.01',
  '560.35.03',
  '570.124.06',
  '570.211.01',
  '580.65.06',
  '580.178.04',
  '595.91.07',
];
const gpus = [
  ['NVIDIA H100 80GB HBM3', '9.0', 'NVIDIA'],
  ['NVIDIA A100-SXM4-80GB', '8.0', 'NVIDIA'],
  ['Tesla V100-SXM2-32GB', '7.0', 'Tesla'],
  ['Tesla T4', '7.5', 'Tesla'],
  ['NVIDIA GeForce RTX 4090', '8.9', 'GeForce'],
  ['NVIDIA L40S', '8.9', 'NVIDIA'],
] as const;
/** With compat packages or without, and requirements as NVIDIA writes them: 500 kinds of images. */
const cudas = compatData.toolkits.slice(0, 50).map(({ toolkit }) => toolkit);
const brands = [
  'unknown',
  'tesla',
  'nvidia',
  'quadro',
  'quadrortx',
  'nvidiartx',
  'vapps',
  'vpc',
  'vcs',
  'vws',
];
const requirement = (cuda: string): string =>
  [
    `cuda>=${cuda.replace(/\.\d+$/, '')}`,
    ...[535, 550, 570].flatMap((branch) =>
      brands.map((brand) => `brand=${brand},driver>=${branch},driver<${branch + 1}`),
    ),
  ].join(' ');

function container(image: number): CompatContainer {
  const cuda = cudas[image % cudas.length] ?? '12.4.1';
  const kind = Math.floor(image / cudas.length) % 10;
  return {
    cuda: { version: cuda, from: 'environment' },
    cudaVersionVariable: cuda,
    requirements: kind === 0 ? [] : [{ name: 'NVIDIA_REQUIRE_CUDA', value: requirement(cuda) }],
    disableRequire: kind === 1 ? 'true' : null,
    compatPackage:
      kind % 3 === 0
        ? null
        : kind % 3 === 1
          ? 'none'
          : { cudaVersion: cuda, driverVersion: null, driverBranches: null, isUsed: null },
    driverCapabilities: kind < 5 ? 'compute,utility' : kind < 8 ? 'all' : 'utility',
    injection: null,
    hasPtx: null,
  };
}

const running = (host: number, at: number): Container => {
  const cuda = cudas[(host * 7 + at) % cudas.length] ?? '12.4.1';
  return {
    id: `${host}-${at}`.padEnd(64, '0'),
    name: `job-${at}`,
    image: `registry.example/job:${cuda}`,
    imageId: `sha256:${cuda.replaceAll('.', '').padEnd(64, 'a')}`,
    runtime: 'docker',
    state: 'running',
    startedAt: null,
    labels: {},
    cudaVersion: cuda,
    visibleDevices: 'all',
    requireCuda: requirement(cuda),
    namespace: null,
    pod: null,
    gpus: [],
  };
};

function report(host: number, sequence: number): Report {
  const [name, computeCapability, brand] = gpus[host % gpus.length] ?? gpus[0];
  const stack = {
    ...reportFixture().stack,
    kernelDriverVersion: drivers[Math.floor(host / gpus.length) % drivers.length] ?? null,
    containerToolkitVersion: host % 2 === 0 ? '1.17.8' : '1.18.1',
  };
  return reportFixture({
    sequence,
    stack,
    gpus: Array.from({ length: 8 }, (_, index) => ({ ...gpuFixture(index), name, computeCapability, brand })),
    containers: Array.from({ length: 4 }, (_, at) => running(host, at)),
  });
}

function apply(fleet: Fleet, host: number, sequence: number): void {
  fleet.apply({
    host: { id: `host-${host}`, hostname: `gpu-${host}`, labels: { group: `g${host % 20}` } },
    agent: pushFixture().agent,
    report: report(host, sequence),
    receivedAtMillis: Date.now(),
    takenAtMillis: Date.now(),
    clock: { seconds: 0, measuredSeconds: [0] },
  });
}

const cpuMilliseconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** A judge that counts how often it is asked for one host's verdicts. */
function counting(judge: Judge) {
  let asked = 0;
  const inShort: Judge['inShort'] = (of, given) => {
    asked += 1;
    return judge.inShort(of, given);
  };
  return { judge: { ...judge, inShort }, asked: () => asked };
}

const mebibytes = 2 ** 20;
const fleet = createFleet(Date.now());

/** Fills the fleet; resolves to MiB of this process with it. */
function fill(): number {
  for (let host = 0; host < hosts; host++) apply(fleet, host, 1);
  return process.memoryUsage().rss / mebibytes;
}

/** Every image on every host as GET /api/v1/compat judges them, by a judge without a memory; ms of CPU. */
function judgeAll(): number {
  const [some] = fleetImages(fleet);
  if (some === undefined) throw new Error('the fleet runs nothing');
  const all = Array.from({ length: images }, (_, image) => ({ ...some, container: container(image) }));
  const judge = createJudge(() => compatData);
  const began = cpuMilliseconds();
  const groups = groupsOf([...reportingHosts(fleet)]);
  let verdicts = 0;
  for (const image of all)
    for (const cell of imageRow(judge, image, groups).cells)
      for (const count of Object.values(cell.hostsByVerdict)) verdicts += count;
  const taken = cpuMilliseconds() - began;
  if (verdicts !== images * hosts) throw new Error(`${verdicts} verdicts instead of ${images * hosts}`);
  return taken;
}

/** The most that this process ever had, in MiB. */
const peak = (): number => process.resourceUsage().maxRSS / 1024;

/** What one new report costs once the fleet is judged, in microseconds, and how many verdicts it asks for. */
function reports(): { readonly costs: readonly number[]; readonly verdicts: readonly number[] } {
  const { judge, asked } = counting(createJudge(() => compatData));
  const keeper = createCompatKeeper({ fleet, judge });
  keeper.tick();
  const verdicts: number[] = [];
  const costs: number[] = [];
  for (let host = 0; host < 200; host++) {
    apply(fleet, host, 2);
    const [askedBefore, began] = [asked(), performance.now()];
    keeper.tick();
    costs.push((performance.now() - began) * 1000);
    verdicts.push(asked() - askedBefore);
  }
  return { costs, verdicts };
}

const handlers = { fill, judgeAll, peak, reports };
export type CompatSide = typeof handlers;
answerParent(handlers);
