import { isDockerDaemonConfig, parseDockerDaemonConfig } from '../../../../lib/host-facts/index.ts';
import type { Form } from '../form.ts';
import { jsonOf } from '../json.ts';

export const dockerDaemonConfig: Form = {
  kind: 'docker-daemon-config',
  matches: (text) => isDockerDaemonConfig(jsonOf(text)),
  read: (text) => ({ ...parseDockerDaemonConfig(jsonOf(text)) }),
};
