import { parseFailure } from '../../../../lib/nvidia-smi/index.ts';
import type { Form } from '../form.ts';

export const smiFailure: Form = {
  kind: 'smi-failure',
  matches: (text) => parseFailure(text, null) !== null,
  read: (text) => ({ failure: parseFailure(text, null) }),
};
