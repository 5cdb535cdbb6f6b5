import { isTableText, parseSmiTable } from '../../../../lib/nvidia-smi/index.ts';
import type { Form } from '../form.ts';
import { ofDocument } from '../gpus.ts';

export const smiTable: Form = {
  kind: 'smi-table',
  matches: isTableText,
  read(text) {
    const { gpus, failure, ...table } = parseSmiTable(text);
    return { ...table, ...ofDocument(gpus, failure) };
  },
};
