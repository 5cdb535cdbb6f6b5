import { type DoctorCheck, found, notApplicable, passed, unknown, whyUnknown } from '../check.ts';
import { hasGpu } from '../facts.ts';

/** Whether the kernel's own driver took a GPU that NVIDIA's should have. */
export const nouveauCheck: DoctorCheck = {
  name: 'nouveau',
  judge(facts) {
    const { loadedModules, pci, module } = facts;
    const held = pci.state === 'known' ? pci.value.filter(({ driver }) => driver === 'nouveau') : [];
    if (loadedModules.state !== 'known' && held.length === 0) return unknown(whyUnknown(loadedModules));
    const isLoaded = loadedModules.state === 'known' && loadedModules.value.includes('nouveau');
    if (held.length === 0 && !isLoaded) return hasGpu(facts) === false ? notApplicable : passed;
    const holdsAny = held.length > 0;
    return found({
      code: 'nouveau-loaded',
      severity: holdsAny || module.state === 'absent' ? 'critical' : 'warning',
      what: holdsAny
        ? `nouveau holds ${held.length === 1 ? 'a GPU' : `${held.length} GPUs`} of this host.`
        : 'The nouveau module is loaded.',
      why: 'Only one driver can hold a GPU; what nouveau holds, nvidia-smi, CUDA and containers do not see.',
      fix: [
        '$ printf "blacklist nouveau\\noptions nouveau modeset=0\\n" > /etc/modprobe.d/blacklist-nouveau.conf',
        '$ update-initramfs -u   # dracut --force on Red Hat and SUSE',
        'Reboot.',
      ],
      evidence: [
        ...(isLoaded ? [`${loadedModules.from}: nouveau`] : []),
        ...held.map(({ busId }) => `${busId}: driver nouveau`),
      ],
    });
  },
};
