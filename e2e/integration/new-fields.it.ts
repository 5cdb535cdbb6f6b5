import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writePlayer } from '../../agents/access/simulated/player/install.ts';
import type { GpuDetail, HostDetail, HostSummary, Page } from '../../lib/model/index.ts';
import { recordedHost, startPlayedAgent } from './support/played-agent.ts';
import { Cleanup, eventually, temporaryFolder } from './support/temporary.ts';
import { startTestHub } from './support/test-hub.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

/** A driver of the future: it tells of two fields that no gpufleet knows, one of which it then refuses. */
const ofTheFuture = (nvidiaSmi: string): string => `#!/bin/sh
case "$1" in
  --help-query-gpu)
    ${nvidiaSmi} "$@"
    printf '"qubits.count"\\nHow many there are.\\n\\n"qubits.secret"\\nNot for everyone.\\n\\n' ;;
  --query-gpu=uuid,qubits.count,qubits.secret)
    printf 'Field "qubits.secret" is not a valid field to query.\\n\\n'; exit 2 ;;
  --query-gpu=uuid,qubits.count)
    printf 'uuid, qubits.count [qb]\\n'
    ${nvidiaSmi} --query-gpu=uuid --format=csv,noheader | sed 's/$/, 12 qb/' ;;
  *) exec ${nvidiaSmi} "$@" ;;
esac
`;

test('a field that no gpufleet knows shows by itself, as printed, and the problem names it', async () => {
  const folder = temporaryFolder(cleanup);
  const recording = recordedHost('rtx4090x4');
  const player = await writePlayer(join(folder, 'player'), { recording });
  const nvidiaSmi = join(folder, 'nvidia-smi');
  writeFileSync(nvidiaSmi, ofTheFuture(player.nvidiaSmi));
  chmodSync(nvidiaSmi, 0o755);
  const hub = await startTestHub(cleanup);
  await startPlayedAgent(cleanup, hub, {
    name: 'future',
    control: { recording },
    options: ['--nvidia-smi', nvidiaSmi],
  });
  const host = await eventually(
    async () => {
      const { items: hosts } = await hub.getJson<Page<HostSummary>>('/api/v1/hosts');
      const [first] = hosts;
      if (first === undefined) return null;
      const detail = await hub.getJson<HostDetail>(`/api/v1/hosts/${first.id}`);
      return detail.gpus.every(({ newFields }) => newFields !== undefined) && detail.gpus.length > 0
        ? detail
        : null;
    },
    { seconds: 40, what: 'the new field' },
  );
  const told = [{ name: 'qubits.count', value: '12 qb' }];
  expect(host.gpus.map(({ newFields }) => newFields)).toEqual(host.gpus.map(() => told));
  expect(host.problems.map(({ text }) => text).join()).toContain('qubits.count');
  const gpu = await hub.getJson<GpuDetail>(`/api/v1/gpus/${host.gpus[0]?.uuid}`);
  expect(gpu.newFields).toEqual(told);
});
