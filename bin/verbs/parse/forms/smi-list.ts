import { parseSmiList, type SmiListGpu } from '../../../../lib/nvidia-smi/index.ts';
import { type Form, linesOf } from '../form.ts';
import { namedGpus } from '../gpus.ts';

const firstOfList = /^GPU \d{1,4}: [^\n]{0,200}\(UUID:/;
/** `nvlink -s` starts with the same line and goes on with its links. */
const nextOfList = /^\s*(?:GPU \d|MIG \S|Unable to determine|$)/;

const noMemory = { totalBytes: null, usedBytes: null, freeBytes: null };

function gpuOf({ index, name, uuid, migDevices }: SmiListGpu) {
  return {
    index,
    name,
    uuid,
    migDevices: migDevices.map((device, position) => ({
      ...device,
      index: device.index ?? position,
      memory: noMemory,
    })),
  };
}

export const smiList: Form = {
  kind: 'smi-list',
  matches(text) {
    const [first = '', second = ''] = linesOf(text.slice(0, 65_536));
    return firstOfList.test(first) && nextOfList.test(second);
  },
  read(text) {
    const { gpus, problems, failure } = parseSmiList(text);
    return { ...namedGpus(gpus.map(gpuOf)), problems, failure };
  },
};
