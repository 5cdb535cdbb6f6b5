import type { FacetName } from '../model/index.ts';

const reset =
  'It takes effect once the GPU is reset: drain the host, then nvidia-smi --gpu-reset, or reboot.';
const lasting =
  'Where the setting is lost at a reboot, set it at boot, in a unit that runs before the workload.';
const restartDocker =
  'Restart the engine: systemctl restart docker. Without live-restore that stops its containers.';
const asPackage = "Install the baseline's version with what installed the present one, and hold the package.";

/** What to do about hosts that differ from a baseline: in order, each one step. */
export const facetAdvice: Readonly<Record<FacetName, readonly string[]>> = {
  driver: [
    'Drain the host: a driver cannot be changed while a process uses its GPUs.',
    "Install the baseline's version with what installed the present one (package manager or .run file). Where there is NVSwitch, Fabric Manager must be exactly the same version.",
    'Reboot, or unload and load the modules; then this page shows the version of the module that is loaded.',
    'A package that was updated without a reboot leaves the old module loaded: nvidia-smi then says "Driver/library version mismatch".',
  ],
  moduleFlavour: [
    'Install the other kind of module: nvidia-open instead of cuda-drivers (or the -open package of the branch), or the other way round, and reboot.',
    'Blackwell and later need the open modules; Volta and before need the proprietary ones.',
  ],
  moduleOnDisk: [
    'This is what the host loads at its next boot. Bring the package to the version meant before someone reboots it.',
    'With DKMS: dkms status says which versions are built for which kernel.',
  ],
  library: [
    'Library and loaded module must be of one version: reboot after a driver package was changed.',
    'Where two versions are installed (a package and a .run file), remove one of them.',
  ],
  cuda: [
    'This comes with the driver: where the driver differs too, put the driver right and this follows.',
    'Where the driver is right and only this differs, the host loads another libcuda: look for a cuda-compat package or LD_LIBRARY_PATH in the environment of the agent.',
  ],
  gspFirmware: [
    'The firmware comes with the driver: put the driver right and this follows.',
    'Where GPUs of one host differ, or it is off on some, look at the options of the module: NVreg_EnableGpuFirmware.',
  ],
  fabricManager: [
    'It must be exactly of the driver’s version: install nvidia-fabricmanager of that version.',
    'systemctl restart nvidia-fabricmanager; GPUs stay unusable for CUDA until it has set up the fabric.',
  ],
  toolkit: [
    'Install the same version of nvidia-container-toolkit and the packages that come with it (nvidia-container-toolkit-base, libnvidia-container-tools, libnvidia-container1).',
    'Where containers get their GPUs by CDI, write the specification anew: nvidia-ctk cdi generate. Where it is configured in the engine: nvidia-ctk runtime configure, then restart the engine.',
    'Containers that run keep what they were started with; new ones use the new version.',
  ],
  toolkitMode: [
    'nvidia-ctk config --in-place --set nvidia-container-runtime.mode=auto (or the mode meant).',
    'In CDI modes nobody checks NVIDIA_REQUIRE_* of an image, and containers need a current CDI specification.',
  ],
  noCgroups: [
    'nvidia-ctk config --in-place --set nvidia-container-cli.no-cgroups=false, unless the engine runs rootless.',
    'Set to true under a rootful engine, containers get "Failed to initialize NVML: Unknown Error".',
  ],
  runtime: [
    'Drain the host, or see that live-restore is on: without it, an update of Docker stops its containers.',
    "Install the baseline's version, and check that the engine still knows the NVIDIA runtime or CDI: docker info.",
  ],
  containerd: [asPackage, 'Restart containerd; containers that run are kept, new ones use the new version.'],
  runc: [asPackage, 'Containers that run keep what they were started with.'],
  defaultRuntime: [
    'Set "default-runtime" in /etc/docker/daemon.json: nvidia-ctk runtime configure --set-as-default writes it.',
    restartDocker,
  ],
  nvidiaRuntime: [
    'Register it: nvidia-ctk runtime configure --runtime=docker.',
    restartDocker,
    'Not needed where containers ask for their GPUs by CDI (--device nvidia.com/gpu=all).',
  ],
  cdiDriver: [
    'Write the specification anew: nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml, or systemctl restart nvidia-cdi-refresh.',
    'One in /etc/cdi hides the one in /var/run/cdi that is refreshed by itself: remove it where both are there.',
  ],
  cdiHash: [
    'Write the specification anew with the same toolkit and driver as its peers: nvidia-ctk cdi generate.',
    'Where only this differs, the specification was written by hand or by another version of nvidia-ctk.',
  ],
  gpuCount: [
    'See the host’s page: which GPU is missing, and what the kernel’s log said of it.',
    'A GPU that fell off the bus comes back with a power cycle, not with a reboot; one that does not is to be replaced.',
  ],
  gpuModels: [
    'Hosts with other GPUs belong to another group: give them another group label.',
    'After a replacement, see that the GPU is of the model that was ordered.',
  ],
  vbios: [
    'Update it with the tool of the maker of the board or server; nvidia-smi cannot.',
    'A board that was replaced often brings another one.',
  ],
  inforom: ['It is updated with the VBIOS, by the tool of the maker of the board or server.'],
  persistence: [
    'nvidia-smi -pm 1, or better the service: systemctl enable --now nvidia-persistenced.',
    lasting,
  ],
  ecc: ['nvidia-smi -e 1 (or -e 0).', reset],
  migMode: ['nvidia-smi -mig 1 (or -mig 0), with -i for one GPU.', reset],
  migLayout: [
    'Make the instances anew: nvidia-smi mig -dci, -dgi, then -cgi with the profiles and -C.',
    'Instances are gone after a reset or reboot: a unit or nvidia-mig-parted makes them again.',
  ],
  computeMode: ['nvidia-smi -c DEFAULT (or EXCLUSIVE_PROCESS).', lasting],
  powerLimit: ['nvidia-smi -pl WATTS, with -i for one GPU.', lasting],
  applicationClocks: [
    'nvidia-smi -rac takes back what was set; nvidia-smi -ac MEMORY,GRAPHICS sets it.',
    lasting,
  ],
  kernel: [
    'A new kernel needs the NVIDIA module built for it (DKMS, or the precompiled package) before the reboot; without it the driver is missing afterwards.',
    'Reboot into the version meant, and hold the kernel packages so that an unattended update does not move it again.',
  ],
  os: ['Upgrade the distribution, or put the host into a group of its own until it is.'],
  nouveau: [
    'It must not be loaded beside NVIDIA’s driver: blacklist nouveau in /etc/modprobe.d, write the initramfs anew, reboot.',
  ],
  agent: ['Settings → Agents brings agents to the version of the hub, batch after batch.'],
};
