import type { HostDetail } from '../../../lib/model/index.ts';

/** What to do, where the state alone says it; null when there is nothing to do. */
export function adviceFor(host: Pick<HostDetail, 'state' | 'failure' | 'pause'>): string | null {
  switch (host.state) {
    case 'ok':
    case 'starting':
    case 'late':
      return null;
    case 'gone':
      return 'Check that the machine is up, and that its agent still runs there: pgrep -af gpufleet-agent. Where the hub reads it over SSH, below says why that stopped.';
    case 'paused':
      return pauseAdvice(host.pause);
    case 'driver-hung':
      return 'nvidia-smi does not answer, so nothing on the GPUs can be trusted. A hung driver usually needs a reboot.';
    case 'gpu-lost':
      return 'A lost GPU comes back only with a reset or a reboot.';
    case 'no-gpus':
      return host.failure?.code === 'command-not-found'
        ? 'Install the NVIDIA driver, or tell the agent where nvidia-smi is: --nvidia-smi PATH.'
        : 'Check lspci for the card, and that the driver supports it.';
    case 'driver-failed':
      return driverAdvice(host.failure?.code);
  }
}

function pauseAdvice(pause: HostDetail['pause']): string {
  if (pause !== null && pause.stuckPids.length > 0)
    return 'A process in uninterruptible sleep holds the GPU until the driver lets it go; only a reboot is sure to end it.';
  switch (pause?.kind) {
    case 'asleep':
      return 'Nothing uses the GPU and it is powered down. Started with --wake, the agent reads it all the same.';
    case 'mig-pending':
      return 'Reset the GPU: nvidia-smi --gpu-reset -i N. The agent looks now and then whether it is done. To read on at once: gpufleet agent resume.';
    default:
      return 'The agent closed every NVIDIA handle and goes on by itself. To end the pause on the host: gpufleet agent resume.';
  }
}

function driverAdvice(code: string | undefined): string {
  switch (code) {
    case 'version-mismatch':
      return 'The driver was updated while its old kernel module is still loaded. Reload the nvidia modules or reboot.';
    case 'driver-not-loaded':
      return 'The kernel module is not loaded: modprobe nvidia, and see dmesg if that fails (often a kernel update without a DKMS build).';
    case 'insufficient-permissions':
      return 'Let the agent read /dev/nvidia*: run it as root or add its user to the group that owns them.';
    default:
      return 'Run nvidia-smi on the host and see dmesg for what the driver says.';
  }
}
