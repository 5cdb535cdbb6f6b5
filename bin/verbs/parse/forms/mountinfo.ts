import { isMountLine, parseMountinfo } from '../../../../lib/host-facts/index.ts';
import { type Form, firstLine } from '../form.ts';

export const mountinfo: Form = {
  kind: 'mountinfo',
  matches: (text) => isMountLine(firstLine(text)),
  read(text) {
    const { owner, ...told } = parseMountinfo(text);
    return { ...owner, ...told };
  },
};
