import { type DoctorCheck, found, notApplicable, passed, unknown, whyUnknown } from '../check.ts';
import { hasGpu, type StackFacts } from '../facts.ts';

const configure = ['$ nvidia-ctk runtime configure --runtime=docker', '$ systemctl restart docker'];

/** Docker gives GPUs by a runtime of that name, or by CDI, which newer ones have without one. */
function isConfigured({ dockerInfo }: StackFacts): boolean | null {
  if (dockerInfo.state !== 'known') return null;
  const { runtimes, cdiDevices } = dockerInfo.value;
  return runtimes.includes('nvidia') || cdiDevices.some((name) => name.startsWith('nvidia.com/'));
}

/** Whether containers of this host can get a GPU. */
export const containerToolkitCheck: DoctorCheck = {
  name: 'container-toolkit',
  judge(facts) {
    const { dockerInfo, daemonConfig, toolkitVersion } = facts;
    const noDocker = dockerInfo.state === 'absent' && daemonConfig.state === 'absent';
    if (hasGpu(facts) === false || (noDocker && toolkitVersion.state !== 'known')) return notApplicable;
    if (toolkitVersion.state === 'unknown') return unknown(whyUnknown(toolkitVersion));
    if (toolkitVersion.state === 'absent') {
      // With CDI made by hand or by an operator, Docker alone is enough.
      if (isConfigured(facts) === true) return passed;
      // Not asked and not configured by a file: nothing says that Docker is here.
      if (dockerInfo.state === 'unknown' && daemonConfig.state !== 'known')
        return unknown(`whether containers run here: ${whyUnknown(dockerInfo)}`);
      return found({
        code: 'toolkit-missing',
        severity: 'warning',
        what: 'The NVIDIA Container Toolkit is not installed.',
        why: 'docker run --gpus fails with "could not select device driver".',
        fix: ['$ apt-get install -y nvidia-container-toolkit   # dnf install', ...configure],
        evidence: [
          `${toolkitVersion.from} is not there`,
          ...(dockerInfo.state === 'known'
            ? [`Docker ${dockerInfo.value.dockerVersion ?? ''} runs here`]
            : []),
        ],
      });
    }
    if (noDocker) return passed;
    const configured = isConfigured(facts);
    const inFile =
      daemonConfig.state === 'known' && daemonConfig.value.runtimes.some(({ name }) => name === 'nvidia');
    if (configured === true) return passed;
    if (configured === null)
      return inFile ? passed : unknown(`whether Docker knows the runtime: ${whyUnknown(dockerInfo)}`);
    return found({
      code: 'toolkit-not-configured',
      severity: 'warning',
      what: inFile
        ? 'daemon.json names the runtime "nvidia", and Docker does not know it yet.'
        : 'The NVIDIA Container Toolkit is installed, and Docker does not use it.',
      why: inFile
        ? 'Docker reads daemon.json when it starts.'
        : 'Containers get no GPU: Docker has neither the runtime "nvidia" nor a CDI device.',
      fix: inFile ? ['$ systemctl restart docker'] : configure,
      evidence: [
        `toolkit ${toolkitVersion.value}`,
        `docker info: runtimes ${(dockerInfo.state === 'known' && dockerInfo.value.runtimes.join(' ')) || 'none'}`,
        daemonConfig.state === 'known'
          ? `${daemonConfig.from}: runtimes ${daemonConfig.value.runtimes.map(({ name }) => name).join(' ') || 'none'}`
          : whyUnknown(daemonConfig),
      ],
    });
  },
};
