import { type DoctorCheck, found, notApplicable, passed, unknown, whyUnknown } from '../check.ts';
import { hasGpu, type StackFacts } from '../facts.ts';

function fixes({ moduleOnDisk, kernelVersion }: StackFacts): readonly string[] {
  const kernel = kernelVersion.state === 'known' ? kernelVersion.value : '$(uname -r)';
  if (moduleOnDisk.state === 'absent')
    return [
      `There is no nvidia module for kernel ${kernel}. Build it, then load it:`,
      `$ apt-get install -y linux-headers-${kernel}   # dnf install kernel-devel-${kernel}`,
      '$ dkms autoinstall && modprobe nvidia',
      'If no driver was ever installed, install one.',
    ];
  return ['$ modprobe nvidia', 'If that fails, the kernel says why:', '$ dmesg | grep -iE "nvrm|nvidia"'];
}

/** Whether the kernel module is loaded. */
export const driverCheck: DoctorCheck = {
  name: 'driver',
  judge(facts) {
    const { module, moduleOnDisk, kernelVersion } = facts;
    if (module.state === 'known') return passed;
    const there = hasGpu(facts);
    // WSL and Jetson have no such file, and their nvidia-smi answers.
    if (facts.smi.state === 'known' && facts.smi.value.gpus.length > 0) return notApplicable;
    if (module.state === 'unknown') return unknown(whyUnknown(module));
    if (there === false) return notApplicable;
    if (there === null) return unknown(whyUnknown(facts.pci));
    if (facts.pci.state === 'known' && facts.pci.value.every(({ passedThrough }) => passedThrough))
      return notApplicable;
    return found({
      code: 'driver-not-loaded',
      severity: 'critical',
      what: 'The NVIDIA kernel module is not loaded.',
      why:
        moduleOnDisk.state === 'absent'
          ? 'There is none on disk for the running kernel: most often a new kernel was booted and DKMS built nothing for it.'
          : 'Without it nothing on this host can use a GPU.',
      fix: fixes(facts),
      evidence: [
        `${module.from} is not there`,
        moduleOnDisk.state === 'known'
          ? `${moduleOnDisk.from}: ${moduleOnDisk.value}`
          : whyUnknown(moduleOnDisk),
        ...(kernelVersion.state === 'known' ? [`kernel ${kernelVersion.value}`] : []),
      ],
    });
  },
};
