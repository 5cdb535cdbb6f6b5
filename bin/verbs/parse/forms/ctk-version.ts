import { parseToolkitPrograms, parseToolkitVersion } from '../../../../lib/host-facts/index.ts';
import type { Form } from '../form.ts';

export const ctkVersion: Form = {
  kind: 'ctk-version',
  matches: (text) => parseToolkitVersion(text) !== null,
  read(text) {
    const { version, ...programs } = parseToolkitPrograms(text);
    return { containerToolkitVersion: version, ...programs };
  },
};
