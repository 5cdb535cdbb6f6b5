import type { KnownError } from './known-error.ts';
import { compareDotted } from './versions.ts';

const toolkitDocs = 'https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/';
const cudaTypes = 'https://docs.nvidia.com/cuda/cuda-driver-api/group__CUDA__TYPES.html';
const compatibility = 'https://docs.nvidia.com/deploy/cuda-compatibility/';
const smiManual = 'https://docs.nvidia.com/deploy/nvidia-smi/';

const configureDocker = ['$ nvidia-ctk runtime configure --runtime=docker', '$ systemctl restart docker'];

/**
 * Error texts of the GPU stack with their cause and way out: what search, the page of an error and the doctor say.
 * Order counts: of two that fit, the first is the more exact.
 */
export const knownErrors: readonly KnownError[] = [
  {
    slug: 'version-mismatch',
    title: 'Driver/library version mismatch',
    says: [
      'Failed to initialize NVML: Driver/library version mismatch',
      'NVRM: API mismatch: the client has the version',
    ],
    patterns: [/driver\/library version mismatch/i, /NVRM: API mismatch/i],
    cause:
      'The driver package was upgraded (often by unattended-upgrades) while the old kernel module stayed loaded. Programs that run go on; none can start.',
    fix: [
      'Reboot, or stop every program that uses a GPU and reload the module:',
      '$ systemctl stop nvidia-persistenced nvidia-fabricmanager nvidia-dcgm',
      '$ rmmod nvidia_drm nvidia_modeset nvidia_peermem nvidia_uvm nvidia; modprobe nvidia',
      '$ systemctl start nvidia-persistenced nvidia-fabricmanager nvidia-dcgm   # those that were running',
      'Recreate containers that were started before: they hold the old libraries.',
      'To keep it from coming back, hold the driver packages: apt-mark hold, or blacklist them in unattended-upgrades.',
    ],
    source: toolkitDocs,
    basis: 'printed',
    failureCodes: ['version-mismatch'],
    findings: ['version-mismatch'],
  },
  {
    slug: 'driver-not-loaded',
    title: 'The NVIDIA kernel module is not loaded',
    says: [
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver",
      'Failed to initialize NVML: Driver Not Loaded',
      'modprobe: FATAL: Module nvidia not found in directory',
    ],
    patterns: [
      /couldn.{1,3}t communicate with the nvidia driver/i,
      /nvml: driver not loaded/i,
      /module nvidia not found/i,
    ],
    cause:
      'No nvidia module is in the kernel: most often a new kernel was booted for which DKMS built none, or nouveau or Secure Boot keeps it out.',
    fix: [
      '$ modprobe nvidia',
      'If it says "not found", build it for this kernel:',
      '$ apt-get install linux-headers-$(uname -r) && dkms autoinstall && modprobe nvidia',
      'If it says "Key was rejected", Secure Boot refuses it; if nothing binds, look for nouveau: lsmod | grep nouveau.',
      '$ dmesg | grep -iE "nvrm|nvidia|nouveau"',
    ],
    source: smiManual,
    basis: 'printed',
    failureCodes: ['driver-not-loaded'],
    findings: ['driver-not-loaded'],
  },
  {
    slug: 'nouveau-loaded',
    title: 'nouveau holds the GPU',
    says: [
      'NVRM: GPU 0000:01:00.0 is already bound to nouveau.',
      'The Nouveau kernel driver is currently in use by your system',
    ],
    patterns: [
      /already bound to nouveau/i,
      /nouveau kernel driver is currently in use/i,
      /NVRM: The NVIDIA probe routine was not called/i,
    ],
    cause: 'The open driver of the kernel took the GPU before NVIDIA’s could; only one can hold it.',
    fix: [
      '$ printf "blacklist nouveau\\noptions nouveau modeset=0\\n" > /etc/modprobe.d/blacklist-nouveau.conf',
      '$ update-initramfs -u   # dracut --force on Red Hat and SUSE',
      'Reboot.',
    ],
    source: 'https://docs.nvidia.com/cuda/cuda-installation-guide-linux/',
    basis: 'documented',
    findings: ['nouveau-loaded'],
  },
  {
    slug: 'secure-boot',
    title: 'Secure Boot refuses the NVIDIA module',
    says: [
      "modprobe: ERROR: could not insert 'nvidia': Key was rejected by service",
      'Loading of unsigned module is rejected',
      'Required key not available',
    ],
    patterns: [
      /key was rejected by service/i,
      /loading of (?:unsigned module|module with unavailable key) is rejected/i,
      /required key not available/i,
      /unsigned module loading is restricted/i,
    ],
    cause:
      'Secure Boot is on and the module is not signed by a key that this machine trusts, so the kernel does not load it.',
    fix: [
      'Enrol the key that signed the module, set a one-time password, reboot and confirm it on the console:',
      '$ mokutil --import /var/lib/dkms/mok.pub   # /var/lib/shim-signed/mok/MOK.der on Ubuntu',
      'Or use the distribution’s signed modules, or switch Secure Boot off in the firmware.',
    ],
    source: 'https://wiki.debian.org/SecureBoot',
    basis: 'reported',
    findings: ['secure-boot'],
  },
  {
    slug: 'nvml-unknown-error',
    title: 'A container lost its GPU',
    says: ['Failed to initialize NVML: Unknown Error'],
    patterns: [/failed to initialize nvml: unknown error/i],
    cause:
      'In a container: its GPU was injected by a hook that the container runtime does not know of, and a systemctl daemon-reload (or docker update) rewrote the list of devices it may open. On a host: the driver is in trouble.',
    fix: [
      'Recreate the container; a restart of what runs in it does not help.',
      'To keep it from coming back, use CDI (docker run --device nvidia.com/gpu=all) or Docker’s cgroupfs driver, or name the devices: --device /dev/nvidia0 --device /dev/nvidiactl --device /dev/nvidia-uvm.',
      '$ nvidia-ctk system create-dev-char-symlinks --create-all   # for an old runc',
    ],
    source: `${toolkitDocs}troubleshooting.html`,
    basis: 'printed',
  },
  {
    slug: 'insufficient-permissions',
    title: 'The NVIDIA device nodes may not be opened',
    says: ['Failed to initialize NVML: Insufficient Permissions'],
    patterns: [/nvml: insufficient permissions/i, /nvml: gpu access blocked/i],
    cause: 'The program may not open /dev/nvidia*: their mode or group forbids it, or SELinux does.',
    fix: [
      '$ ls -l /dev/nvidia*',
      'Add the user to the group that owns them (often video or render), and sign in anew.',
      'In a container under SELinux: --security-opt=label=disable.',
    ],
    source: `${toolkitDocs}troubleshooting.html`,
    basis: 'printed',
    failureCodes: ['insufficient-permissions'],
    findings: ['device-nodes-not-permitted'],
  },
  {
    slug: 'library-missing',
    title: 'A library of the driver is missing',
    says: [
      "NVIDIA-SMI couldn't find libnvidia-ml.so library in your system",
      'libcuda.so.1: cannot open shared object file',
      'Failed to initialize NVML: Shared Library Not Found',
    ],
    patterns: [
      /couldn.{1,3}t find (?:the )?libnvidia-ml\.so/i,
      /lib(?:cuda|nvidia-ml)\.so[^\n]{0,40}(?:cannot open shared object|not found|no such file)/i,
      /nvml: (?:nvml )?shared library not found/i,
    ],
    cause:
      'The user-space part of the driver is not installed, or the container was started without a GPU: libcuda and libnvidia-ml come from the host.',
    fix: [
      'On a host: install the driver’s libraries (libnvidia-compute-NNN, nvidia-driver-cuda) of the very version of the module.',
      'For a container: start it with --gpus all or --device nvidia.com/gpu=all.',
      '$ ldconfig -p | grep -E "libcuda|libnvidia-ml"',
    ],
    source: smiManual,
    basis: 'documented',
    failureCodes: ['library-missing'],
  },
  {
    slug: 'toolkit-missing',
    title: 'Docker has no way to give a container a GPU',
    says: [
      'could not select device driver "" with capabilities: [[gpu]]',
      'could not select device driver "nvidia" with capabilities: [[gpu]]',
    ],
    patterns: [/could not select device driver/i],
    cause: 'The NVIDIA Container Toolkit is not installed, or Docker was not restarted since.',
    fix: ['$ apt-get install -y nvidia-container-toolkit', ...configureDocker],
    source: 'https://github.com/NVIDIA/nvidia-docker/issues/1034',
    basis: 'reported',
    findings: ['toolkit-missing'],
    isOn: ({ stack }) =>
      stack !== null && stack.dockerVersion !== null && stack.containerToolkitVersion === null,
  },
  {
    slug: 'toolkit-not-configured',
    title: 'Docker does not know the runtime "nvidia"',
    says: [
      'Unknown runtime specified nvidia.',
      'unknown or invalid runtime name: nvidia',
      'runtime "nvidia" not found',
    ],
    patterns: [
      /unknown runtime specified/i,
      /unknown or invalid runtime name/i,
      /runtime "?nvidia"? not found/i,
    ],
    cause:
      'The toolkit is there (or not even that) but daemon.json has no runtime "nvidia", or Docker was not restarted.',
    fix: configureDocker,
    source: toolkitDocs,
    basis: 'printed',
    failureCodes: ['runtime-missing'],
    findings: ['toolkit-not-configured', 'toolkit-missing'],
  },
  {
    slug: 'unsatisfied-condition',
    title: 'The image asks for a newer CUDA than the driver gives',
    says: [
      'nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8',
      'unsatisfied condition: cuda>=13.0 (cuda=12.8)',
    ],
    patterns: [/unsatisfied condition: cuda\s*>=?\s*(\d{1,3}(?:\.\d{1,3})?)/i, /unsatisfied condition/i],
    cause:
      'NVIDIA_REQUIRE_CUDA of the image is not met by the CUDA version of the host’s driver, so the toolkit did not start the container.',
    fix: [
      'Upgrade the driver to one that has that CUDA (12.8: 570, 12.9: 575, 13.0: 580, 13.1: 590), or take an image for an older CUDA.',
      'If minor-version compatibility is known to be enough: -e NVIDIA_DISABLE_REQUIRE=1.',
    ],
    source: compatibility,
    basis: 'documented',
    isOn: ({ stack }, asked) =>
      asked !== null &&
      stack !== null &&
      stack.cudaVersion !== null &&
      compareDotted(stack.cudaVersion, asked) < 0,
    hostsAre: 'have a driver with an older CUDA than asked for',
  },
  {
    slug: 'cuda-803',
    title: 'CUDA error 803: driver and CUDA libraries do not go together',
    says: [
      'CUDA error 803: system has unsupported display driver / cuda driver combination',
      'cudaErrorSystemDriverMismatch',
      'CUDA_ERROR_SYSTEM_DRIVER_MISMATCH',
    ],
    patterns: [
      /unsupported display driver \/ cuda driver combination/i,
      /system_?driver_?mismatch/i,
      /(?:^|error|code|returned|err)\W{0,4}803\b/i,
    ],
    cause:
      'libcuda in use is of another version than the kernel module: a container holds a forward-compatibility package (cuda-compat) that this driver branch does not take, or libcuda of another driver was copied in or is left from before an upgrade.',
    fix: [
      'In the container, see which libcuda is loaded: ldconfig -p | grep libcuda; ls /usr/local/cuda/compat.',
      'Take the compat folder out of LD_LIBRARY_PATH, or use an image whose cuda-compat supports the host’s driver branch.',
      'Recreate containers that are older than the last driver upgrade.',
    ],
    source: compatibility,
    basis: 'documented',
    failureCodes: ['version-mismatch'],
    findings: ['version-mismatch', 'cdi-stale'],
  },
  {
    slug: 'cuda-804',
    title: 'CUDA error 804: forward compatibility on a GPU that has none',
    says: [
      'CUDA error 804: forward compatibility was attempted on non supported HW',
      'CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE',
    ],
    patterns: [
      /forward compatibility was attempted on non supported hw/i,
      /compat_?not_?supported_?on_?device/i,
      /(?:^|error|code|returned|err)\W{0,4}804\b/i,
    ],
    cause:
      'The image brings cuda-compat, which works only on data-centre GPUs (and some RTX and Jetson boards), and the driver is older than the image’s CUDA.',
    fix: [
      'Upgrade the driver so that the compat package is not needed, or use an image for an older CUDA.',
      'Take /usr/local/cuda/compat out of LD_LIBRARY_PATH in the container.',
    ],
    source: compatibility,
    basis: 'documented',
  },
  {
    slug: 'cuda-802',
    title: 'CUDA error 802: the system is not yet initialized',
    says: [
      'CUDA error 802: system not yet initialized',
      'cudaErrorSystemNotReady',
      'CUDA_ERROR_SYSTEM_NOT_READY',
    ],
    patterns: [
      /system not yet initialized/i,
      /system_?not_?ready/i,
      /(?:^|error|code|returned|err)\W{0,4}802\b/i,
    ],
    cause:
      'On a machine with NVSwitches the fabric manager has not set up the NVLink fabric: it does not run, is of another version than the driver, or is still at it.',
    fix: [
      '$ systemctl status nvidia-fabricmanager',
      'Install nvidia-fabricmanager of exactly the driver’s version, then:',
      '$ systemctl enable --now nvidia-fabricmanager',
    ],
    source: 'https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide/',
    basis: 'documented',
    findings: ['fabric-manager-mismatch', 'fabric-manager-not-running', 'fabric-not-ready'],
  },
  {
    slug: 'fabric-manager-mismatch',
    title: 'The fabric manager is of another version than the driver',
    says: [
      "fabric manager NVIDIA GPU driver interface version 595.71.05 don't match with driver version 590.48.01. Please update with matching NVIDIA driver package.",
    ],
    patterns: [/fabric manager[^\n]{0,200}(?:don.t|do not) match with driver version/i],
    cause:
      'Fabric manager and driver must be of exactly the same version; one of the two was upgraded alone.',
    fix: [
      'Install nvidia-fabricmanager of exactly the version in /proc/driver/nvidia/version, then:',
      '$ systemctl restart nvidia-fabricmanager',
    ],
    source: 'https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide/',
    basis: 'documented',
    findings: ['fabric-manager-mismatch'],
  },
  {
    slug: 'cuda-35',
    title: 'The driver is too old for the program’s CUDA',
    says: [
      'CUDA driver version is insufficient for CUDA runtime version',
      'CUDA error 35',
      'The NVIDIA driver on your system is too old',
    ],
    patterns: [
      /driver version is insufficient for cuda runtime/i,
      /nvidia driver on your system is too old/i,
      /cuda_?error_?insufficient_?driver|cudaErrorInsufficientDriver/i,
      /cuda error\W{0,3}35\b/i,
    ],
    cause: 'The program was built with a newer CUDA major version than the host’s driver supports.',
    fix: ['Upgrade the driver, or use a build for the CUDA version that nvidia-smi shows on the host.'],
    source: compatibility,
    basis: 'documented',
  },
  {
    slug: 'cuda-222',
    title: 'CUDA error 222: PTX of a newer toolkit',
    says: [
      'the provided PTX was compiled with an unsupported toolchain',
      'CUDA_ERROR_UNSUPPORTED_PTX_VERSION',
    ],
    patterns: [
      /ptx was compiled with an unsupported toolchain/i,
      /unsupported_?ptx_?version/i,
      /cuda error\W{0,3}222\b/i,
    ],
    cause:
      'Minor-version compatibility runs binaries of a newer CUDA of the same major version, but does not compile their PTX.',
    fix: [
      'Build for the GPU’s own architecture (-gencode arch=…,code=sm_NN), or upgrade the driver, or use cuda-compat on a data-centre GPU.',
    ],
    source: compatibility,
    basis: 'documented',
  },
  {
    slug: 'cuda-209',
    title: 'No kernel image for this GPU',
    says: ['no kernel image is available for execution on the device', 'CUDA_ERROR_NO_BINARY_FOR_GPU'],
    patterns: [/no kernel image is available/i, /no_?binary_?for_?gpu/i, /cuda error\W{0,3}209\b/i],
    cause: 'The program holds code for other GPU architectures than this one, and no PTX that would do.',
    fix: [
      'Use a build that names this GPU’s compute capability: nvidia-smi --query-gpu=compute_cap --format=csv.',
    ],
    source: cudaTypes,
    basis: 'documented',
  },
  {
    slug: 'cuda-100',
    title: 'No CUDA-capable device is detected',
    says: ['no CUDA-capable device is detected', 'CUDA_ERROR_NO_DEVICE', 'No CUDA GPUs are available'],
    patterns: [
      /no cuda-capable device is detected/i,
      /cuda_error_no_device|cudaErrorNoDevice/i,
      /no cuda gpus are available/i,
    ],
    cause:
      'The program sees no GPU: the container was started without one, CUDA_VISIBLE_DEVICES names none that is there, or the driver is in trouble.',
    fix: [
      'In the container: nvidia-smi -L; echo $CUDA_VISIBLE_DEVICES; ls -l /dev/nvidia*.',
      'Start it with --gpus all or --device nvidia.com/gpu=all.',
      'A GPU in MIG mode without instances counts as none: nvidia-smi mig -lgi.',
    ],
    source: cudaTypes,
    basis: 'documented',
  },
  {
    slug: 'cdi-stale',
    title: 'The CDI specification is out of date',
    says: [
      'unresolvable CDI devices nvidia.com/gpu=all',
      'stat /usr/lib/x86_64-linux-gnu/libEGL_nvidia.so.580.95.05: no such file or directory',
    ],
    patterns: [
      /unresolvable cdi devices/i,
      /(?:stat|open|mount)[^\n]{0,200}lib\w*nvidia[\w-]*\.so\.\d[\d.]*:? [^\n]{0,80}no such file/i,
    ],
    cause:
      'The file in /etc/cdi or /var/run/cdi was made for another driver or other devices, so the container runtime mounts what is no longer there.',
    fix: [
      '$ systemctl restart nvidia-cdi-refresh   # toolkit 1.18 and newer',
      '$ nvidia-ctk cdi generate --output=/var/run/cdi/nvidia.yaml   # older',
      'Remove a file written by hand in /etc/cdi: it hides the one that is kept up to date.',
    ],
    source: `${toolkitDocs}cdi-support.html`,
    basis: 'documented',
    findings: ['cdi-stale', 'cdi-devices-missing'],
  },
  {
    slug: 'gpu-lost',
    title: 'A GPU fell off the bus',
    says: [
      'Unable to determine the device handle for GPU 0000:3B:00.0: GPU is lost. Reboot the system to recover this GPU',
      'NVRM: GPU 0000:3b:00.0: GPU has fallen off the bus.',
    ],
    patterns: [/gpu is lost/i, /fallen off the bus/i],
    cause:
      'The machine can no longer reach the GPU over PCIe: power, heat, seating, riser or the board itself.',
    fix: [
      'Drain the host and reboot it; often only a power cycle brings the GPU back.',
      '$ dmesg | grep -iE "xid|aer|pcieport"',
      'If it comes back and goes again, reseat the card, check its power cables, and swap it.',
    ],
    source: 'https://docs.nvidia.com/deploy/xid-errors/',
    basis: 'printed',
    failureCodes: ['gpu-lost'],
    findings: ['gpu-lost', 'gpu-missing'],
    isOn: ({ gpus }) => gpus.some(({ state }) => state === 'lost'),
  },
  {
    slug: 'nvswitch-error',
    title: 'An NVSwitch reports an error (SXid)',
    says: [
      'nvidia-nvswitch0: SXid (PCI:0000:c1:00.0): 12028, Non-fatal, Link 32 egress non-posted PRIV error',
    ],
    patterns: [/\bSXid\b/i],
    cause:
      'A switch between the GPUs met an error, often on a link that the line names. A non-fatal one is over; a fatal one stops what runs over it.',
    fix: [
      'If it says fatal, or comes back: drain the host, then restart the fabric manager and reset the GPUs.',
      '$ systemctl restart nvidia-fabricmanager',
      'Then check the links that the line names: nvidia-smi nvlink -s',
    ],
    source: 'https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide/',
    basis: 'documented',
    isOn: ({ faultCounts }) => faultCounts?.troubles.some(({ kind }) => kind === 'switch-error') ?? false,
    hostsAre: 'have had one since they booted',
  },
  {
    slug: 'gpu-init-failed',
    title: 'The driver cannot start a GPU',
    says: ['NVRM: GPU 0000:01:00.0: RmInitAdapter failed! (0x22:0x56:884)'],
    patterns: [/rminitadapter failed/i, /nvidia probe routine failed/i],
    cause:
      'The module is loaded and this GPU does not come up: a flavour of the module that does not support it (Blackwell needs the open one, GPUs before Turing the proprietary one), too little PCI memory space, or broken hardware.',
    fix: [
      '$ dmesg | grep NVRM',
      'Install the open or the proprietary flavour as the GPU needs it.',
      'In the firmware, switch on "Above 4G decoding"; in a virtual machine, give the guest 64-bit BARs.',
    ],
    source: 'https://docs.nvidia.com/datacenter/tesla/driver-installation-guide/kernel-modules.html',
    basis: 'printed',
    findings: ['no-devices', 'gpu-missing'],
  },
  {
    slug: 'no-devices',
    title: 'nvidia-smi finds no GPU',
    says: ['No devices were found', 'Failed to initialize NVML: No supported GPUs were found'],
    patterns: [/no devices were found/i, /no supported gpus were found/i],
    cause:
      'The module is loaded and drives no GPU: the cards are not there, are given to virtual machines (vfio), failed to start, or are not supported by this driver.',
    fix: [
      '$ lspci -nnk -d 10de:',
      '$ dmesg | grep -iE "nvrm|nvidia"',
      'Check that this driver supports the card, and that the right flavour of the module (open or proprietary) is installed.',
    ],
    source: smiManual,
    basis: 'printed',
    failureCodes: ['no-devices'],
    findings: ['no-devices', 'no-gpu'],
  },
  {
    slug: 'nvidia-smi-missing',
    title: 'nvidia-smi is not there',
    says: ['nvidia-smi: command not found', 'exec: "nvidia-smi": executable file not found in $PATH'],
    patterns: [
      /nvidia-smi["']?: (?:command )?not found/i,
      /"nvidia-smi"[^\n]{0,20}executable file not found/i,
    ],
    cause: 'The driver’s tools are not installed, or in a container: it was started without a GPU.',
    fix: [
      'On a host: install the driver (nvidia-utils-NNN on Ubuntu), or tell the agent where it is: --nvidia-smi PATH.',
      'In a container: start it with --gpus all, and NVIDIA_DRIVER_CAPABILITIES must include "utility".',
    ],
    source: smiManual,
    basis: 'printed',
    failureCodes: ['command-not-found'],
    findings: ['nvidia-smi-missing'],
  },
];
