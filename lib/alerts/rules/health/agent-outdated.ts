import { type HostRule, hostHref } from '../host-rule.ts';

/** Told for each host under one cause, so that a whole fleet is one message. */
export const agentOutdated: HostRule = {
  name: 'agent-outdated',
  severity: 'warning',
  watches: 'An agent is of another version than the hub.',
  afterSeconds: 86_400,
  cleared: 'the agent is of the hub’s version',
  needs: 'state',
  find(host, { severity, hubVersion }) {
    const { agentVersion } = host;
    if (agentVersion === null || agentVersion === hubVersion) return [];
    return [
      {
        subject: '',
        model: null,
        facts: {
          severity,
          cause: `Agents are not of the hub’s version ${hubVersion}`,
          what: `${host.hostname} has agent ${agentVersion}; the hub is ${hubVersion}`,
          since: null,
          whyItMatters: 'An older agent leaves out what newer ones tell, and its faults are not mended.',
          whatToDo: 'Upgrade it from Settings, Agents, or run the installer on the host again.',
          href: hostHref(host),
          labels: { agent_version: agentVersion },
        },
      },
    ];
  },
};
