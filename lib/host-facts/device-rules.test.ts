import { describe, expect, it } from 'vitest';
import { deniedNodes, nvidiaNode, parseDeviceAllow, parseDeviceList, parseMajors } from './index.ts';

const majors = parseMajors(
  'Character devices:\n  1 mem\n195 nvidia\n195 nvidiactl\n511 nvidia-uvm\n\nBlock devices:\n511 sd\n8 nvidia-x\n',
);
const nodes = ['/dev/nvidiactl', '/dev/nvidia0', '/dev/nvidia-uvm'].flatMap(
  (path) => nvidiaNode(path, majors) ?? [],
);
const denied = (rules: ReturnType<typeof parseDeviceList>) =>
  deniedNodes(rules, nodes).map(({ path }) => path);

describe('cgroup v1 devices.list', () => {
  it.each([
    ['a *:* rwm', []],
    ['c 195:* rw\nc 511:* rwm', []],
    ['c 195:255 rw\nc 195:0 rw\nc 511:0 rw', []],
    ['c 195:255 rw\nc 195:1 rw\nc 511:0 rw', ['/dev/nvidia0']],
    ['c *:* m\nb *:* rwm\nc 1:3 rwm', ['/dev/nvidiactl', '/dev/nvidia0', '/dev/nvidia-uvm']],
    ['c 195:* r', ['/dev/nvidiactl', '/dev/nvidia0', '/dev/nvidia-uvm']],
    ['nonsense', ['/dev/nvidiactl', '/dev/nvidia0', '/dev/nvidia-uvm']],
  ])('%j denies %j', (text, expected) => expect(denied(parseDeviceList(`${text}\n`))).toEqual(expected));
});

describe("a unit's DeviceAllow", () => {
  it.each([
    ['DeviceAllow=char-nvidia* rw', []],
    ['[Scope]\nDeviceAllow=/dev/char/195:255 rw\nDeviceAllow=/dev/char/195:0 rw\nDeviceAllow=char-511', []],
    ['DeviceAllow=/dev/nvidiactl rw\nDeviceAllow=/dev/nvidia0\nDeviceAllow=/dev/nvidia-uvm rw', []],
    ['DeviceAllow=char-nvidia* rw\nDeviceAllow=', ['/dev/nvidiactl', '/dev/nvidia0', '/dev/nvidia-uvm']],
    ['DeviceAllow=/dev/char/1:3 rwm\nDeviceAllow=char-pts rwm\nDeviceAllow=char-195 rw', ['/dev/nvidia-uvm']],
  ])('%j denies %j', (text, expected) => expect(denied(parseDeviceAllow(text, majors))).toEqual(expected));
});

it('knows the nodes of NVIDIA, and of uvm only where its driver is loaded', () => {
  expect(nodes.map(({ major, minor }) => `${major}:${minor}`)).toEqual(['195:255', '195:0', '511:0']);
  expect(nvidiaNode('/dev/nvidia-uvm', new Map())).toBeNull();
  expect(nvidiaNode('/dev/null', majors)).toBeNull();
});
