import { isSmiText, parseSmiText } from '../../../../lib/nvidia-smi/index.ts';
import type { Form } from '../form.ts';
import { ofDocument } from '../gpus.ts';

export const smiText: Form = {
  kind: 'smi-text',
  matches: isSmiText,
  read(text) {
    const { gpus, failure, ...document } = parseSmiText(text);
    return { ...document, ...ofDocument(gpus, failure) };
  },
};
