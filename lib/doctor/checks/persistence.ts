import { type DoctorCheck, found, notApplicable, passed, unknown, whyUnknown } from '../check.ts';
import { persistenceService } from '../facts.ts';

/** Whether the driver stays awake between two programs. */
export const persistenceCheck: DoctorCheck = {
  name: 'persistence',
  judge({ smi, services }) {
    if (smi.state === 'absent') return notApplicable;
    if (smi.state !== 'known') return unknown(whyUnknown(smi));
    const told = smi.value.gpus.filter(({ persistenceMode }) => persistenceMode !== null);
    if (told.length === 0)
      return smi.value.failure === null || smi.value.gpus.length > 0
        ? notApplicable
        : unknown('nvidia-smi fails');
    const off = told.filter(({ persistenceMode }) => persistenceMode === false);
    if (off.length === 0) return passed;
    const service = services.state === 'known' ? services.value.get(persistenceService) : undefined;
    return found({
      code: 'persistence-off',
      severity: 'warning',
      what:
        off.length === told.length
          ? 'Persistence mode is off.'
          : `Persistence mode is off on ${off.length} of ${told.length} GPUs.`,
      why: 'Whenever no program uses a GPU the driver puts it down: the next one waits seconds, and clocks, power limits and ECC counts are lost.',
      fix: [
        '$ systemctl enable --now nvidia-persistenced',
        'Where there is no such service: nvidia-smi -pm 1 (until the next boot).',
      ],
      evidence: [
        ...off.slice(0, 4).map(({ index }) => `GPU ${index}: persistence mode disabled`),
        ...(service === undefined ? [] : [`systemctl is-active ${persistenceService}: ${service}`]),
      ],
    });
  },
};
