import { isCdiSpec, parseCdiSpec } from '../../../../lib/host-facts/index.ts';
import type { Form } from '../form.ts';

export const cdiSpec: Form = {
  kind: 'cdi-spec',
  matches: isCdiSpec,
  read: (text) => ({ ...parseCdiSpec(text) }),
};
