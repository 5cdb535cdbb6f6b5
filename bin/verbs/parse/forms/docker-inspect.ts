import { parseDockerContainer } from '../../../../lib/host-facts/index.ts';
import type { Form } from '../form.ts';
import { jsonOf } from '../json.ts';

function containersOf(value: unknown): readonly unknown[] | null {
  const list = Array.isArray(value) ? value : [value];
  const looksLikeOne = (item: unknown) =>
    typeof item === 'object' && item !== null && 'Id' in item && 'Config' in item;
  return list.length > 0 && list.every(looksLikeOne) ? list : null;
}

/** A fragment or the beginning of one: recognised, so that it is said to be cut. Without blanks. */
const cut = /^\[?\{?"(?:Id":"[0-9a-f]{64}|Env":\[)/;

export const dockerInspect: Form = {
  kind: 'docker-inspect',
  matches: (text) => containersOf(jsonOf(text)) !== null || cut.test(text.slice(0, 4096).replace(/\s+/g, '')),
  read(text) {
    const values = containersOf(jsonOf(text));
    if (values === null) {
      const message = 'the JSON document is cut';
      return { containers: [], failure: { code: 'truncated', message, gpu: null } };
    }
    const read = values.map(parseDockerContainer);
    return {
      containers: read.map(({ container }) => container).filter((container) => container !== null),
      problems: read.flatMap(({ problems }) => problems),
    };
  },
};
