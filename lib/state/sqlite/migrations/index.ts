import type { Migration } from '../../../sqlite/open-database.ts';
import { first } from './0001-first.ts';
import { people } from './0002-people.ts';
import { versions } from './0003-versions.ts';
import { identities } from './0004-identities.ts';
import { alerts } from './0006-alerts.ts';
import { hostLives } from './0007-host-lives.ts';
import { pauses } from './0010-pauses.ts';
import { agentRollouts } from './0011-agent-rollouts.ts';
import { facetChanges } from './0012-facet-changes.ts';
import { channelOptions } from './0013-channel-options.ts';
import { sshHosts } from './0014-ssh-hosts.ts';
import { silenceMatchers } from './0015-silence-matchers.ts';
import { sshClient } from './0016-ssh-client.ts';
import { sealedChannels } from './0017-sealed-channels.ts';

/** Never change a step that was released: add one. Times are ISO 8601, so that text order is time order. */
export const stateMigrations: readonly Migration[] = [
  first,
  people,
  versions,
  identities,
  alerts,
  hostLives,
  pauses,
  agentRollouts,
  facetChanges,
  channelOptions,
  sshHosts,
  silenceMatchers,
  sshClient,
  sealedChannels,
];
