import type { SshReading } from '../../alerts/rules/index.ts';
import type { SshHostView } from '../../model/index.ts';

const troubles = { 'key-changed': 'changed', 'key-revoked': 'revoked' } as const;

/** What alerts need to know of hosts read over SSH. */
export const sshReadings = (views: readonly SshHostView[]): readonly SshReading[] =>
  views.map(({ id, hostname, address, hostId, state, condition, offeredKey }) => ({
    id,
    name: hostname ?? address,
    hostId,
    isRead: state !== 'stepped-back' && state !== 'off',
    keyTrouble: state === 'key-changed' || state === 'key-revoked' ? troubles[state] : null,
    sinceMillis: condition === null ? 0 : Date.parse(condition.since),
    fingerprint: offeredKey?.fingerprint ?? null,
  }));
