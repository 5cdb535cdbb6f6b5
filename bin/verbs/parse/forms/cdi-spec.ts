import { isCdiSpec, parseCdiSpec } from '../../../../lib/host-facts/index.ts';
import type { Form } from '../form.ts';

const cut = {
  code: 'truncated',
  message: 'the text ends early: its braces are not closed',
  gpu: null,
} as const;
const isCut = (text: string): boolean => text.trimStart().startsWith('{') && !text.trimEnd().endsWith('}');

export const cdiSpec: Form = {
  kind: 'cdi-spec',
  matches: isCdiSpec,
  read: (text) => ({ ...parseCdiSpec(text), failure: isCut(text) ? cut : null }),
};
