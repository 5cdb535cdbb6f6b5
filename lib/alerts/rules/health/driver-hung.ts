import { type HostRule, hostHref } from '../host-rule.ts';

export const driverHung: HostRule = {
  name: 'driver-hung',
  severity: 'critical',
  watches: 'nvidia-smi hangs in the driver, and not even SIGKILL ends it.',
  afterSeconds: 30,
  cleared: 'nvidia-smi answers again',
  needs: 'state',
  find(host, { severity }) {
    if (host.state !== 'driver-hung') return [];
    return [
      {
        subject: '',
        model: null,
        facts: {
          severity,
          cause: 'Driver hung',
          what: `${host.hostname}: ${host.stateReason}`,
          since: new Date(host.stateSinceMillis).toISOString(),
          whyItMatters:
            'Whatever asks the driver hangs with it: no program can start on its GPUs or leave them.',
          whatToDo: `Drain ${host.hostname} and restart it; a process in state D cannot be ended otherwise. Keep the kernel log first: it tells which GPU.`,
          href: hostHref(host),
        },
      },
    ];
  },
};
