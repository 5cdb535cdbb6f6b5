import { parseSmiVersion } from '../../../../lib/nvidia-smi/index.ts';
import type { Form } from '../form.ts';

export const smiVersion: Form = {
  kind: 'smi-version',
  matches: (text) => /^NVIDIA-SMI version\s*:/im.test(text.slice(0, 4096)),
  read: (text) => ({ ...parseSmiVersion(text) }),
};
