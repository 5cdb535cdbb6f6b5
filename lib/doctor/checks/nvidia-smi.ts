import { type DoctorCheck, found, notApplicable, passed, unknown, whyUnknown } from '../check.ts';
import { hasGpu } from '../facts.ts';

const quiet = new Set(['version-mismatch', 'driver-not-loaded', 'no-devices', 'gpu-lost']);

/** Whether nvidia-smi is there and answers; what it says of the driver, others judge. */
export const nvidiaSmiCheck: DoctorCheck = {
  name: 'nvidia-smi',
  judge(facts) {
    const { smi } = facts;
    if (smi.state === 'unknown') return unknown(whyUnknown(smi));
    if (smi.state === 'absent') {
      if (hasGpu(facts) === false) return notApplicable;
      return found({
        code: 'nvidia-smi-missing',
        severity: 'critical',
        what: 'nvidia-smi is neither on PATH nor where drivers put it.',
        why: 'Without it neither this agent nor anyone else can see the GPUs.',
        fix: [
          'Install the driver’s tools (nvidia-utils-NNN on Debian and Ubuntu, nvidia-driver-cuda on Red Hat) of the module’s version.',
          'If it lies elsewhere, tell the agent: --nvidia-smi PATH.',
        ],
        evidence: [`${smi.from} is not there`],
      });
    }
    const { failure } = smi.value;
    if (failure === null || quiet.has(failure.code)) return passed;
    const evidence = [`${smi.from}: ${failure.message}`];
    if (failure.code === 'timeout')
      return found({
        code: 'driver-hung',
        severity: 'critical',
        what: 'nvidia-smi gives no answer.',
        why: 'The driver hangs, or starts so slowly (without persistence mode) that it looks like it; a GPU in trouble can hold up all others.',
        fix: [
          'Look for Xid errors and for processes in state D:',
          '$ dmesg | grep -iE "xid|nvrm"; ps -eo pid,stat,wchan:32,comm | awk \'$2 ~ /D/\'',
          'A hung driver usually needs a reboot.',
        ],
        evidence,
      });
    const isLibrary = failure.code === 'library-missing';
    return found({
      code: isLibrary
        ? 'library-missing'
        : failure.code === 'insufficient-permissions'
          ? 'smi-not-permitted'
          : 'smi-failed',
      severity: 'critical',
      what: isLibrary ? 'The library libnvidia-ml.so is not installed.' : 'nvidia-smi fails.',
      why: 'Nothing on this host that asks the driver gets an answer.',
      fix: isLibrary
        ? [
            'Install the driver’s libraries (libnvidia-compute-NNN, nvidia-driver-cuda-libs) of the module’s version.',
            '$ ldconfig -p | grep libnvidia-ml',
          ]
        : failure.code === 'insufficient-permissions'
          ? [
              'Let the agent’s user open /dev/nvidia*: add it to the group that owns them.',
              '$ ls -l /dev/nvidia*',
            ]
          : ['Run it and see what the kernel says:', '$ nvidia-smi; dmesg | grep -iE "nvrm|xid" | tail -50'],
      evidence,
    });
  },
};
