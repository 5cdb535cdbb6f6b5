import type { AlertFacts } from '../../model/index.ts';
import { hubOrNetworkName } from './hub-or-network.ts';
import type { Condition, HostReading, Rule } from './rule.ts';
import { presenceOf } from './silent-hosts.ts';

const name = 'host-gone';

function factsOf(host: HostReading, isOverSsh: boolean): AlertFacts {
  const never = host.receivedAtMillis === null;
  return {
    severity: 'critical',
    cause: 'Host gone',
    what: never ? `${host.hostname} enrolled and never reported` : `${host.hostname} stopped reporting`,
    hosts: [{ id: host.id, hostname: host.hostname }],
    since: new Date(host.receivedAtMillis ?? host.stateSinceMillis).toISOString(),
    whyItMatters: 'Nothing is known of its GPUs and of what runs on them until it reports again.',
    whatToDo: isOverSsh
      ? `The hub reads ${host.hostname} over SSH: its page says why that stopped; see whether it is up, then Test it on the page SSH hosts. If it is out of service for good, remove it there.`
      : `See whether ${host.hostname} is up and reaches the hub, then whether its agent runs there: pgrep -af gpufleet-agent. If it is out of service for good, remove it on its page.`,
    href: `/hosts/${encodeURIComponent(host.id)}`,
  };
}

/** A host that stopped reporting, unless so many did that it is one alert for all of them. */
export const hostGone: Rule = {
  name,
  severity: 'critical',
  watches: 'A host stops reporting: three intervals without a report.',
  afterSeconds: (times) => times.hostGoneSeconds,
  cleared: 'the host reports again',
  evaluate(context) {
    const { reading, tracked } = context;
    const mine = tracked(name);
    const covered = new Set(
      [...tracked(hubOrNetworkName).values()].flatMap(({ facts }) => facts.hosts.map(({ id }) => id)),
    );
    const overSsh = new Set(reading.ssh.flatMap(({ hostId, isRead }) => (isRead ? [hostId] : [])));
    const conditions: Condition[] = [];
    for (const host of reading.hosts.values()) {
      const presence = presenceOf(host, context);
      const own = mine.get(host.id);
      if (covered.has(host.id) && own?.phase !== 'firing') continue;
      if (presence === 'gone')
        conditions.push({ subject: host.id, verdict: 'holds', facts: factsOf(host, overSsh.has(host.id)) });
      else if (presence === 'unknown' && own !== undefined)
        conditions.push({ subject: host.id, verdict: 'unknown' });
    }
    for (const id of mine.keys())
      if (!reading.hosts.has(id))
        conditions.push({ subject: id, verdict: 'ended', reason: 'the host was removed' });
    return conditions;
  },
};
