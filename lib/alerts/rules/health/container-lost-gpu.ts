import { type HostRule, hostHref } from '../host-rule.ts';

/** The host is well and the container is not: after `systemctl daemon-reload` its cgroup forgets the GPUs. */
export const containerLostGpu: HostRule = {
  name: 'container-lost-gpu',
  severity: 'critical',
  watches: 'A running container may no longer open the GPUs that it was given.',
  afterSeconds: 30,
  cleared: 'the container may open its GPUs, or is gone',
  needs: 'state',
  find(host, { severity }) {
    return (host.report?.containers ?? []).flatMap((container) => {
      const access = container.deviceAccess;
      if (access?.state !== 'denied') return [];
      const name = container.name ?? container.id.slice(0, 12);
      const nodes = access.missing.slice(0, 8).join(', ');
      return [
        {
          subject: `container:${container.id}`,
          model: null,
          facts: {
            severity,
            cause: 'Container lost its GPU',
            what: `${host.hostname}: container ${name} may no longer open ${nodes === '' ? 'its GPUs' : nodes}`,
            since: null,
            whyItMatters:
              'What runs goes on until it opens a GPU again; then it fails with "Failed to initialize NVML: Unknown Error".',
            whatToDo: `Restart the container. So that it does not come back with the next daemon-reload, give the device nodes with --device or by CDI, or set Docker's cgroup driver to cgroupfs.`,
            href: hostHref(host, 'containers'),
            labels: { container: name },
          },
        },
      ];
    });
  },
};
