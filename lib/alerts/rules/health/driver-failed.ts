import { type HostRule, hostHref } from '../host-rule.ts';

export const driverFailed: HostRule = {
  name: 'driver-failed',
  severity: 'critical',
  watches:
    'nvidia-smi fails for the whole host: the driver is not loaded, or is of another version than its library.',
  afterSeconds: 120,
  cleared: 'nvidia-smi gives values again',
  needs: 'state',
  find(host, { severity }) {
    if (host.state !== 'driver-failed') return [];
    const advice =
      host.report?.failure?.code === 'version-mismatch'
        ? `Restart ${host.hostname}, or unload and load the module: the library was upgraded and the loaded module was not.`
        : `Look at the host's page for what nvidia-smi says and the doctor's advice.`;
    return [
      {
        subject: '',
        model: null,
        facts: {
          severity,
          cause: 'Driver failed',
          what: `${host.hostname}: ${host.stateReason}`,
          since: new Date(host.stateSinceMillis).toISOString(),
          whyItMatters: 'No program can use its GPUs.',
          whatToDo: advice,
          href: hostHref(host, 'stack'),
        },
      },
    ];
  },
};
