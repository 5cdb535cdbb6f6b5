import { parseSmiXml } from '../../../../lib/nvidia-smi/index.ts';
import type { Form } from '../form.ts';
import { ofDocument } from '../gpus.ts';

export const smiXml: Form = {
  kind: 'smi-xml',
  matches: (text) => /<(?:nvidia_smi_log|!DOCTYPE\s+nvidia_smi_log)\b/.test(text.slice(0, 65_536)),
  read(text) {
    const { gpus, failure, ...document } = parseSmiXml(text);
    return { ...document, ...ofDocument(gpus, failure) };
  },
};
