import type { DoctorFinding } from '../../model/index.ts';
import { type DoctorCheck, found, notApplicable, passed, unknown, whyUnknown } from '../check.ts';
import { nvidiaControlNode, nvidiaMemoryNode, type StackFacts } from '../facts.ts';

function findingFor(path: string, { nodes }: StackFacts): readonly Omit<DoctorFinding, 'check'>[] {
  const node = nodes.get(path);
  if (node === undefined || node.state === 'known') return [];
  const isMemory = path === nvidiaMemoryNode;
  if (node.state === 'absent')
    return [
      {
        code: 'device-nodes-missing',
        severity: isMemory ? 'warning' : 'critical',
        what: `${path} is not there.`,
        why: isMemory
          ? 'The first CUDA program of a privileged user makes it; without it CUDA fails in containers.'
          : 'The module is loaded and nothing can reach it.',
        fix: [
          isMemory ? '$ nvidia-modprobe -u -c=0' : '$ nvidia-modprobe -c=0',
          'To have it at each boot, run nvidia-persistenced.',
        ],
        evidence: [`${path} is not there`],
      },
    ];
  if (!/permi|EACCES|EPERM/i.test(node.why)) return [];
  return [
    {
      code: 'device-nodes-not-permitted',
      severity: 'warning',
      what: `This user may not open ${path}.`,
      why: 'nvidia-smi and CUDA then fail for it with "Insufficient Permissions".',
      fix: [
        `$ ls -l ${path}; grep -E "DeviceFile" /proc/driver/nvidia/params`,
        'Add the user to the group that owns the nodes (often video or render) and sign in anew, or set NVreg_DeviceFileMode=0666.',
      ],
      evidence: [`${path}: ${node.why}`],
    },
  ];
}

/** Whether the device files are there and may be opened. */
export const deviceNodesCheck: DoctorCheck = {
  name: 'device-nodes',
  judge(facts) {
    if (facts.module.state === 'unknown') return unknown(whyUnknown(facts.module));
    if (facts.module.state === 'absent') return notApplicable;
    const findings = [nvidiaControlNode, nvidiaMemoryNode].flatMap((path) => findingFor(path, facts));
    const control = facts.nodes.get(nvidiaControlNode);
    if (findings.length > 0) return found(...findings);
    return control === undefined || control.state === 'unknown'
      ? unknown(control === undefined ? `${nvidiaControlNode} was not looked at` : whyUnknown(control))
      : passed;
  },
};
