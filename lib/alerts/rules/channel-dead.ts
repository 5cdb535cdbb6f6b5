import type { Rule } from './rule.ts';

/** Told on the page and through the channels that work: one that is dead tells nobody of itself. */
export const channelDead: Rule = {
  name: 'channel-dead',
  severity: 'critical',
  watches: 'Nothing arrives at a channel: its notices fail or were given up.',
  afterSeconds: () => 300,
  clearSeconds: 0,
  cleared: 'a notice arrived there',
  evaluate({ reading, tracked }) {
    const found = reading.channels.flatMap(({ id, name, failingSinceMillis, lastError }) =>
      failingSinceMillis === null
        ? []
        : [
            {
              subject: id,
              verdict: 'holds' as const,
              facts: {
                severity: 'critical' as const,
                cause: 'Channel dead',
                what: `Nothing arrives at channel ${name}`,
                hosts: [],
                since: new Date(failingSinceMillis).toISOString(),
                whyItMatters: 'Whoever relies on it is told of no alert.',
                whatToDo: `Mend what it says (${lastError ?? 'no answer'}), then send a test from the Channels tab.`,
                href: '/alerts?tab=channels',
                labels: { channel: name },
              },
            },
          ],
    );
    const known = new Set(reading.channels.map(({ id }) => id));
    const removed = [...tracked('channel-dead').keys()].filter((id) => !known.has(id));
    return [
      ...found,
      ...removed.map((subject) => ({
        subject,
        verdict: 'ended' as const,
        reason: 'the channel was removed',
      })),
    ];
  },
};
