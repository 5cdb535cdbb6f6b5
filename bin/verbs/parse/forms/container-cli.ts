import { isContainerCli, parseContainerCli } from '../../../../lib/host-facts/index.ts';
import type { Form } from '../form.ts';
import { namedGpus } from '../gpus.ts';

export const containerCli: Form = {
  kind: 'container-cli',
  matches: isContainerCli,
  read(text) {
    const { devices, ...told } = parseContainerCli(text);
    return { ...told, ...namedGpus(devices) };
  },
};
