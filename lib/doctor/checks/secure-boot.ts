import { type DoctorCheck, found, notApplicable, passed, unknown, whyUnknown } from '../check.ts';
import { hasGpu } from '../facts.ts';

const refusal =
  /key was rejected by service|loading of (?:unsigned module|module with unavailable key) is rejected|required key not available|unsigned module loading is restricted|PKCS#7 signature not signed with a trusted key/i;

/** Whether Secure Boot is what keeps the module out. */
export const secureBootCheck: DoctorCheck = {
  name: 'secure-boot',
  judge(facts) {
    const { secureBoot, module, kernelLog, moduleOnDisk } = facts;
    if (module.state === 'known' || hasGpu(facts) === false) return notApplicable;
    const lines = kernelLog.state === 'known' ? kernelLog.value.filter((line) => refusal.test(line)) : [];
    const isOn = secureBoot.state === 'known' && secureBoot.value;
    if (lines.length === 0 && !isOn)
      return secureBoot.state === 'unknown' ? unknown(whyUnknown(secureBoot)) : passed;
    // A module that is not there cannot have been refused.
    if (lines.length === 0 && moduleOnDisk.state === 'absent') return passed;
    if (lines.length === 0 && moduleOnDisk.state === 'unknown')
      return unknown(`whether there is a module to refuse: ${whyUnknown(moduleOnDisk)}`);
    const isSure = lines.length > 0;
    return found({
      code: 'secure-boot',
      severity: isSure ? 'critical' : 'warning',
      what: isSure
        ? 'Secure Boot refused the NVIDIA module.'
        : 'Secure Boot is on and the NVIDIA module, which is on disk, is not loaded.',
      why: 'The kernel loads only modules that are signed by a key that this machine trusts.',
      fix: [
        'Enrol the key that signed the module, set a one-time password, reboot and confirm it on the console:',
        '$ mokutil --import /var/lib/dkms/mok.pub   # /var/lib/shim-signed/mok/MOK.der on Ubuntu',
        'Or use the distribution’s signed modules, or switch Secure Boot off in the firmware.',
      ],
      evidence: [
        ...(secureBoot.state === 'known' ? [`${secureBoot.from}: ${secureBoot.value ? 'on' : 'off'}`] : []),
        ...lines.slice(-4),
      ],
    });
  },
};
