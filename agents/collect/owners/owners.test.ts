import { expect, it } from 'vitest';
import type { ReportedGpu } from '../../../lib/model/index.ts';
import { gpuFixture, processFixture } from '../../../lib/protocol/push-fixture.ts';
import { type EngineContainer, readEngineContainer } from '../containers/engine-container.ts';
import { joinOwners } from './index.ts';

const id = 'a'.repeat(64);
const gpu: ReportedGpu = {
  ...gpuFixture(0),
  processes: [{ ...processFixture(7, id), ownerKey: id }],
};
const facts = {
  owner: { ...processFixture(7, id).owner!, containerId: id },
  ...{ uid: 0, cgroupUid: null, cgroup: '', command: null },
};

function grantOf(inspect: object | null, environment = true) {
  const read = readEngineContainer(
    { Id: id, Name: '/a', Config: {}, State: { Status: 'running' }, ...inspect },
    { toolkitVersion: null, toolkitMode: null, isModeKnown: true, engineVersion: null },
    { runtime: 'docker', commandLines: true, environment },
  );
  const known = new Map<string, EngineContainer>(
    inspect === null || read.engine === null ? [] : [[id, read.engine]],
  );
  const { containers } = joinOwners({
    gpus: [gpu],
    processes: { factsOf: () => facts, userName: () => null },
    containers: known,
    ownerLabel: 'owner',
    cudaOf: () => null,
    nameProblem: () => 'no Docker socket, so no name',
    kubeletGrantOf: () => null,
    podOf: () => null,
    deviceAccessOf: () => null,
  });
  return containers[0]?.grant;
}

const byVariable = {
  Config: { Env: ['NVIDIA_VISIBLE_DEVICES=0'] },
  HostConfig: { Runtime: 'nvidia' },
};

it('a grant is none where the engine tells none, and not told where nobody could be asked', () => {
  expect(grantOf(null)).toBeUndefined();
  expect(grantOf({ HostConfig: { Runtime: 'runc' } })).toBeNull();
  expect(grantOf(byVariable)).toMatchObject({ by: 'environment', gpuUuids: [gpu.uuid] });
});

it('a variable that is not read hides what it gave, and nothing else does', () => {
  expect(grantOf(byVariable, false)).toBeUndefined();
  expect(grantOf({ HostConfig: { Runtime: 'runc' } }, false)).toBeNull();
});
