import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { countPci } from '../../../lib/model/index.ts';
import { emptyGpu } from '../../../lib/nvidia-smi/index.ts';
import { createLocalAccess } from '../../access/local/index.ts';
import { createOffBus } from '../gpus/off-bus.ts';
import { createPciReader } from './read.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gf-pci-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const bus = (): string => join(root, 'sys/bus/pci/devices');

function plug(busId: string, lines: Record<string, string>, power = 'active'): string {
  const folder = join(bus(), busId);
  mkdirSync(join(folder, 'power'), { recursive: true });
  const text = Object.entries(lines).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(join(folder, 'uevent'), text.join(''));
  writeFileSync(join(folder, 'power/runtime_status'), `${power}\n`);
  return folder;
}
const h100 = { DRIVER: 'nvidia', PCI_CLASS: '30200', PCI_ID: '10DE:2330' };

async function read(reader = createPciReader(createLocalAccess({ root }))) {
  const outcome = await reader.read();
  if (outcome.state !== 'ok') throw new Error(outcome.state);
  return outcome.value;
}

describe('the PCI bus', () => {
  test('tells the NVIDIA GPUs, with driver and power, and nothing else', async () => {
    plug('0000:00:1f.0', { PCI_CLASS: '60100', PCI_ID: '8086:A0C8' });
    plug('0000:18:00.0', h100);
    plug('0000:3b:00.0', { ...h100, DRIVER: 'vfio-pci' });
    plug('0000:01:00.0', { PCI_CLASS: '30000', PCI_ID: '10DE:28E0', DRIVER: 'nvidia' }, 'suspended');
    plug('0000:01:00.1', { PCI_CLASS: '40300', PCI_ID: '10DE:22BE', DRIVER: 'snd_hda_intel' });
    plug('0000:5e:00.0', { PCI_CLASS: '30000', PCI_ID: '1A03:2000', DRIVER: 'ast' });
    const gpus = await read();
    expect(gpus).toEqual([
      {
        busId: '0000:01:00.0',
        deviceId: '28e0',
        driver: 'nvidia',
        passedThrough: false,
        powerStatus: 'suspended',
      },
      {
        busId: '0000:18:00.0',
        deviceId: '2330',
        driver: 'nvidia',
        passedThrough: false,
        powerStatus: 'active',
      },
      {
        busId: '0000:3b:00.0',
        deviceId: '2330',
        driver: 'vfio-pci',
        passedThrough: true,
        powerStatus: 'active',
      },
    ]);
    const told = [{ pciBusId: '00000000:18:00.0', state: 'ok' as const }];
    expect(countPci(gpus, told, true)).toMatchObject({ own: 2, answering: 1, passedThrough: 1, unbound: [] });
  });

  test('a virtual function is no GPU of its own', async () => {
    plug('0000:18:00.0', h100);
    symlinkSync('../0000:18:00.0', join(plug('0000:18:00.4', h100), 'physfn'));
    expect((await read()).map(({ busId }) => busId)).toEqual(['0000:18:00.0']);
  });

  test('in a container, GPUs that the driver does not show there are not ours', async () => {
    plug('0000:18:00.0', h100);
    plug('0000:3b:00.0', h100);
    plug('0000:86:00.0', { ...h100, DRIVER: 'nouveau' });
    mkdirSync(join(root, 'proc/driver/nvidia/gpus/0000:3b:00.0'), { recursive: true });
    expect((await read()).map(({ busId }) => busId)).toEqual(['0000:3b:00.0', '0000:86:00.0']);
  });

  test('a GPU that comes, leaves and is bound to another driver is seen by the next look', async () => {
    const reader = createPciReader(createLocalAccess({ root }));
    const folder = plug('0000:18:00.0', h100);
    plug('0000:00:1f.0', { PCI_CLASS: '60100', PCI_ID: '8086:A0C8' });
    expect(await read(reader)).toHaveLength(1);
    plug('0000:18:00.0', { ...h100, DRIVER: 'vfio-pci' });
    plug('0000:3b:00.0', h100);
    expect((await read(reader)).map(({ driver }) => driver)).toEqual(['vfio-pci', 'nvidia']);
    rmSync(folder, { recursive: true });
    expect(await read(reader)).toHaveLength(1);
  });

  test('no bus is no fault', async () => {
    expect(await createPciReader(createLocalAccess({ root })).read()).toMatchObject({ state: 'absent' });
  });
});

test('while nvidia-smi tells nothing, a GPU that left the bus is lost under its own name, and the others stay', () => {
  const offBus = createOffBus();
  const at = '2026-11-23T10:00:00.000Z';
  const pci = (busId: string) => ({
    busId,
    deviceId: '2330',
    driver: 'nvidia',
    passedThrough: false,
    powerStatus: null,
  });
  const [first, second] = ['18', '3b'].map((bus, index) => ({
    gpu: { ...emptyGpu(), uuid: `GPU-${bus}`, index, pciBusId: `00000000:${bus.toUpperCase()}:00.0` },
    state: 'ok' as const,
    failure: null,
    sampledAt: at,
    detailsSampledAt: at,
    detailsMemoryUsedBytes: null,
  }));
  const named = [first!, second!];
  offBus.note(named.map(({ gpu }) => gpu));
  const both = [pci('0000:18:00.0'), pci('0000:3b:00.0')];
  expect(offBus.withFallen(both, named, at)).toEqual(named);
  const now = offBus.withFallen([both[0]!], named, at);
  expect(now[0]).toEqual(first);
  expect(now[1]).toMatchObject({
    gpu: { uuid: 'GPU-3b', index: 1 },
    state: 'lost',
    failure: { code: 'gpu-lost', message: expect.stringContaining('left the PCI bus (0000:3b:00.0)') },
  });
  // nvidia-smi that finds no device names none of them.
  expect(offBus.withFallen([both[0]!], [], at)).toEqual([now[1]]);
});

test('a GPU that was on the bus with the driver and left it is lost; one that no bus ever had is not', () => {
  const offBus = createOffBus();
  const at = '2026-11-23T10:00:00.000Z';
  const pci = { deviceId: '2330', driver: 'nvidia', passedThrough: false, powerStatus: null };
  expect(offBus.missing([{ ...pci, busId: '0000:18:00.0' }], [], at)).toMatchObject([
    { state: 'lost', failure: { code: 'gpu-lost', message: expect.stringContaining('does not list it') } },
  ]);
  expect(offBus.missing([], [], at)).toMatchObject([
    { failure: { message: expect.stringContaining('left the PCI bus') } },
  ]);
  expect(createOffBus().missing([], [], at)).toEqual([]);
});
