import { isDockerInfo, parseDockerInfo, parseDockerInfoAnswer } from '../../../../lib/host-facts/index.ts';
import type { Form } from '../form.ts';
import { jsonOf } from '../json.ts';

export const dockerInfo: Form = {
  kind: 'docker-info',
  matches: (text) => isDockerInfo(text) || parseDockerInfoAnswer(jsonOf(text)) !== null,
  read: (text) => ({ ...(parseDockerInfoAnswer(jsonOf(text)) ?? parseDockerInfo(text)) }),
};
