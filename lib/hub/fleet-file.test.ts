import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type FleetFile, openFleetFile } from './fleet-file.ts';

let folder = '';
let path = '';
const settings = new Map<string, string>();
const lines: string[] = [];
const opened: FleetFile[] = [];
const state = {
  getSetting: async (key: string) => settings.get(key) ?? null,
  putSetting: async (key: string, value: string) => void settings.set(key, value),
};
const open = async (at: string | null = path) => {
  const file = await openFleetFile({
    path: at,
    state,
    now: () => Date.now(),
    log: (line) => lines.push(line),
    lookEveryMillis: 10,
  });
  opened.push(file);
  return file;
};
const rackOf = (file: FleetFile) =>
  file.current().labelsOf({ id: 'host-id-1', hostname: 'gpu-1', labels: {}, gpuModels: [] })['rack'];
const withRack = (rack: string) => `hosts:\n  gpu-1: { labels: { rack: ${rack} } }\n`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpufleet-fleet-file-'));
  path = join(folder, 'fleet.yaml');
  settings.clear();
  lines.length = 0;
});
afterEach(() => {
  for (const file of opened.splice(0)) file.close();
  rmSync(folder, { recursive: true, force: true });
});

test('without a file nothing is said, and nothing is wrong', async () => {
  const file = await open(null);
  expect(file.current()).toMatchObject({ path: null, loadedAt: null, fault: null });
  expect(rackOf(file)).toBeUndefined();
});

test('an edit counts, whether the file is written or put in its place', async () => {
  writeFileSync(path, withRack('a1'));
  const file = await open();
  const changed = vi.fn();
  file.onChange(changed);
  expect(rackOf(file)).toBe('a1');
  writeFileSync(path, withRack('b22'));
  await vi.waitFor(() => expect(rackOf(file)).toBe('b22'), 5000);
  writeFileSync(`${path}.new`, withRack('c333'));
  renameSync(`${path}.new`, path);
  await vi.waitFor(() => expect(rackOf(file)).toBe('c333'), 5000);
  expect(changed).toHaveBeenCalledTimes(2);
});

test('a bad edit changes nothing, is told in one line, and is over once mended', async () => {
  writeFileSync(path, withRack('a1'));
  const file = await open();
  const { loadedAt } = file.current();
  writeFileSync(path, `${withRack('b2')}  gpu-2: { oops: 1 }\n  gpu-3: { oops: 1 }\n`);
  await vi.waitFor(() => expect(file.current().fault).not.toBeNull(), 5000);
  expect(file.current().fault?.lines).toEqual([
    `${path}:3:12: hosts › gpu-2 › oops: is not known here`,
    `${path}:4:12: hosts › gpu-3 › oops: is not known here`,
  ]);
  expect([rackOf(file), file.current().loadedAt]).toEqual(['a1', loadedAt]);
  expect(lines.filter((line) => line.includes('is not known here'))).toHaveLength(1);
  writeFileSync(path, withRack('a1'));
  await vi.waitFor(() => expect(file.current().fault).toBeNull(), 5000);
  expect(file.current().loadedAt).toBe(loadedAt);
});

test('a file that vanished is a fault, and its last words still count', async () => {
  writeFileSync(path, withRack('a1'));
  const file = await open();
  rmSync(path);
  await vi.waitFor(
    () => expect(file.current().fault?.lines).toEqual([`${path}: cannot be read (ENOENT)`]),
    5000,
  );
  expect(rackOf(file)).toBe('a1');
});

test('a hub that restarts over a bad edit keeps what counted before', async () => {
  writeFileSync(path, withRack('a1'));
  (await open()).close();
  writeFileSync(path, 'hosts: [');
  const again = await open();
  expect(rackOf(again)).toBe('a1');
  expect(again.current().fault?.lines[0]).toMatch(/fleet\.yaml:1:9: /);
  const other = await open(join(folder, 'other.yaml'));
  expect(rackOf(other)).toBeUndefined();
});

test('what is no text is a fault', async () => {
  writeFileSync(path, Buffer.from([0xff, 0xfe, 0x00, 0x41]));
  expect((await open()).current().fault?.lines).toEqual([`${path}: is not UTF-8`]);
});

test('a file that was cut to nothing changes nothing, and one that declares nothing counts', async () => {
  writeFileSync(path, withRack('a1'));
  const file = await open();
  writeFileSync(path, '');
  await vi.waitFor(() => expect(file.current().fault?.lines[0]).toContain('is empty'), 5000);
  expect(rackOf(file)).toBe('a1');
  expect(rackOf(await open())).toBe('a1');
  writeFileSync(path, 'hosts: {}\n');
  await vi.waitFor(() => expect(rackOf(file)).toBeUndefined(), 5000);
  expect(file.current().fault).toBeNull();
});

test('an empty file in the beginning is no fault', async () => {
  writeFileSync(path, '');
  expect((await open()).current()).toMatchObject({ text: '', fault: null });
});
