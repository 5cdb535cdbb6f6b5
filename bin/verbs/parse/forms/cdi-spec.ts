import { isCdiSpec, parseCdiSpec } from '../../../../lib/host-facts/index.ts';
import { cutFailure } from '../../../../lib/model/index.ts';
import type { Form } from '../form.ts';

/** More braces and brackets are opened than closed, quoted ones left out. */
function isCut(text: string): boolean {
  if (!text.trimStart().startsWith('{')) return false;
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '');
  const count = (sign: RegExp): number => bare.match(sign)?.length ?? 0;
  return count(/[{[]/g) > count(/[}\]]/g);
}

export const cdiSpec: Form = {
  kind: 'cdi-spec',
  matches: isCdiSpec,
  read: (text) => ({
    ...parseCdiSpec(text),
    failure: isCut(text) ? cutFailure('its braces are not closed') : null,
  }),
};
