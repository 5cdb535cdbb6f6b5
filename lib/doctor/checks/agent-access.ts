import type { DoctorFinding } from '../../model/index.ts';
import { type DoctorCheck, found, passed, unknown } from '../check.ts';

const isRefused = (why: string): boolean => /permission|permitted|EACCES|EPERM|hidden/i.test(why);

/** What whoever asks may not see, so that an empty page is not taken for an idle host. */
export const agentAccessCheck: DoctorCheck = {
  name: 'agent-access',
  judge({ dockerInfo, cgroups, kernelLog, userId }) {
    const findings: Omit<DoctorFinding, 'check'>[] = [];
    const who = userId.state === 'known' ? `user id ${userId.value}` : 'its user';
    if (dockerInfo.state === 'unknown' && isRefused(dockerInfo.why))
      findings.push({
        code: 'docker-not-permitted',
        severity: 'info',
        what: 'Docker’s socket may not be opened, so containers have ids and no names.',
        why: 'The agent runs at the level "GPU only". Who may open the socket is root on this host, so this can be as wanted.',
        fix: [
          'To see names, let the agent ask through a proxy that passes GET only; the agent’s page of the documentation shows how.',
        ],
        evidence: [`${dockerInfo.from}: ${dockerInfo.why}`],
      });
    if (cgroups.state === 'unknown' && isRefused(cgroups.why))
      findings.push({
        code: 'processes-not-permitted',
        severity: 'info',
        what: 'Other users’ processes are hidden, so GPU processes have no owner.',
        why: 'The /proc file system is mounted with hidepid, or the agent runs in a PID namespace of its own.',
        fix: ['Mount /proc with gid= of the agent’s group, or give its container the host’s PID namespace.'],
        evidence: [`${cgroups.from}: ${cgroups.why}`],
      });
    if (kernelLog.state === 'unknown' && isRefused(kernelLog.why))
      findings.push({
        code: 'kernel-log-not-permitted',
        severity: 'info',
        what: 'The kernel log may not be read, so Xid errors are not seen.',
        why: 'kernel.dmesg_restrict is on and the agent is not in a group that may read the journal.',
        fix: ['Add the agent’s user to the group systemd-journal (or adm), or give it CAP_SYSLOG.'],
        evidence: [`${kernelLog.from}: ${kernelLog.why}`],
      });
    if (findings.length > 0)
      return found(...findings.map((each) => ({ ...each, evidence: [...each.evidence, who] })));
    return dockerInfo.state === 'unknown' ? unknown(`${dockerInfo.from}: ${dockerInfo.why}`) : passed;
  },
};
