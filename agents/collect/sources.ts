import type { Clock } from './clock.ts';
import type { EnginePaths } from './options.ts';
import { createSource } from './source.ts';

/** What is asked on every host, each measured. */
export function createSources(clock: Clock, nvidiaSmiPath: string | null, dockerSocketPath: string | null) {
  const program = nvidiaSmiPath ?? 'nvidia-smi';
  return {
    document: createSource('nvidia-smi-xml', `${program} -q -x`, clock),
    stream: createSource('nvidia-smi-stream', `${program} --query-gpu`, clock),
    shares: createSource('nvidia-smi-pmon', `${program} pmon`, clock),
    docker: createSource('docker', dockerSocketPath ?? 'not asked', clock),
    driver: createSource('driver-version', '/proc/driver/nvidia/version', clock),
    toolkit: createSource('container-toolkit', 'nvidia-ctk --version', clock),
    system: createSource('os', '/etc/os-release', clock),
    pci: createSource('pci', '/sys/bus/pci/devices', clock),
    kernelLog: createSource('kernel-log', '/dev/kmsg', clock),
    cgroup: createSource('cgroup', '/proc/PID/cgroup', clock),
  };
}

/** Engines that most hosts have none of; told only where one answers, or a container on a GPU is its. */
export const createEngineSources = (clock: Clock, paths: EnginePaths) => ({
  podman: createSource('podman', paths.podman ?? 'not asked', clock),
  containerd: createSource('containerd', paths.containerd ?? 'not asked', clock),
  crio: createSource('crio', paths.crio ?? 'not asked', clock),
  kubelet: createSource('kubelet', paths.kubelet ?? 'not asked', clock),
});

/** What is asked where labels are wanted. */
export const createLabelSources = (clock: Clock) => ({
  fileSource: createSource('labels-file', 'labels.yaml', clock),
  slurmSource: createSource('slurm', 'scontrol show node', clock),
  kubernetesSource: createSource('kubernetes', 'GET /api/v1/nodes', clock),
});
