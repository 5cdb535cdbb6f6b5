import { type DoctorCheck, found, notApplicable, passed, unknown, whyUnknown } from '../check.ts';
import { loadedVersion, type StackFacts } from '../facts.ts';

/** Services that hold a GPU open, so that the module cannot be unloaded while they run. */
const holders = ['nvidia-persistenced', 'nvidia-fabricmanager', 'nvidia-dcgm'];

/** What is stopped is started again; where the services are not known, all that there can be are named. */
function reload({ services }: StackFacts): readonly string[] {
  const runs = (name: string): boolean => {
    const state = services.state === 'known' ? services.value.get(`${name}.service`) : undefined;
    return state === undefined || state === 'active' || state === 'activating' || state === 'unknown';
  };
  const names = holders.filter(runs).join(' ');
  return [
    'Reboot; or, without one, stop every program that uses a GPU and reload the module:',
    ...(names === ''
      ? []
      : [`$ systemctl stop ${names}   # one that is not installed is said to be not found`]),
    '$ rmmod nvidia_drm nvidia_modeset nvidia_peermem nvidia_uvm nvidia; modprobe nvidia',
    ...(names === '' ? [] : [`$ systemctl start ${names}`]),
  ];
}

/** The library's version as far as anything tells: its file's name, or nvidia-smi's own complaint. */
function libraryVersion({ library, smi }: StackFacts): string | null {
  if (library.state === 'known') return library.value;
  const failure = smi.state === 'known' ? smi.value.failure : null;
  return /NVML library version: (\d+(?:\.\d+)+)/.exec(failure?.message ?? '')?.[1] ?? null;
}

/** nvidia-smi tells only the first two parts. */
const isSame = (whole: string, other: string): boolean => whole === other || whole.startsWith(`${other}.`);

/** Whether module and library are of one version, now and after the next boot. */
export const versionMatchCheck: DoctorCheck = {
  name: 'version-match',
  judge(facts) {
    const { moduleOnDisk, library, smi } = facts;
    const loaded = loadedVersion(facts);
    const refused = smi.state === 'known' && smi.value.failure?.code === 'version-mismatch';
    if (loaded === null && !refused)
      return facts.module.state === 'unknown' ? unknown(whyUnknown(facts.module)) : notApplicable;
    const other = libraryVersion(facts);
    const evidence = [
      ...(loaded === null ? [] : [`${facts.module.from}: ${loaded}`]),
      ...(library.state === 'known' ? [`${library.from}: ${library.value}`] : []),
      ...(moduleOnDisk.state === 'known' ? [`${moduleOnDisk.from}: ${moduleOnDisk.value}`] : []),
      ...(refused ? [`nvidia-smi: ${smi.value.failure?.message}`] : []),
    ];
    const differs = loaded !== null && other !== null && !isSame(loaded, other);
    if (refused || differs) {
      const onDisk = moduleOnDisk.state === 'known' ? moduleOnDisk.value : null;
      const rebootHelps = onDisk === null || other === null || isSame(onDisk, other);
      return found({
        code: 'version-mismatch',
        severity: 'critical',
        what: differs
          ? `The loaded module is ${loaded} and the libraries are ${other}.`
          : `nvidia-smi says that its libraries are of another version than the loaded module${loaded === null ? '' : `, ${loaded}`}${other === null ? '' : `; of theirs it tells only ${other}`}.`,
        why: 'The driver was upgraded under the running module: programs that run go on, none can start.',
        fix: rebootHelps
          ? reload(facts)
          : [
              `The module on disk is ${onDisk} too, so a reboot does not help: install module and libraries of one version, then reboot.`,
              '$ dpkg -l | grep -E "nvidia-(dkms|kernel|open)|libnvidia-compute"   # rpm -qa "*nvidia*"',
            ],
        evidence,
      });
    }
    if (loaded !== null && moduleOnDisk.state === 'known' && moduleOnDisk.value !== loaded)
      return found({
        code: 'version-pending',
        severity: 'warning',
        what: `The loaded module is ${loaded}; the next boot loads ${moduleOnDisk.value}.`,
        why: 'Module and libraries then differ unless the libraries are upgraded too.',
        fix: [
          `See that the libraries of ${moduleOnDisk.value} are installed as well, then reboot in a quiet hour.`,
        ],
        evidence,
      });
    return other === null && moduleOnDisk.state !== 'known' && smi.state !== 'known'
      ? unknown(`${whyUnknown(library)}, ${whyUnknown(moduleOnDisk)}`)
      : passed;
  },
};
