export interface Source {
  readonly title: string;
  /** Null: nothing to open. */
  readonly url: string | null;
}

const docs = 'https://docs.nvidia.com';

/** The documents that the tables and rules rest on. */
export const sources = {
  toolkitReleaseNotes: {
    title: 'CUDA Toolkit Release Notes, "CUDA Toolkit and Corresponding Driver Versions"',
    url: `${docs}/cuda/cuda-toolkit-release-notes/`,
  },
  minorGuide: {
    title: 'CUDA Compatibility guide, "Minor Version Compatibility"',
    url: `${docs}/deploy/cuda-compatibility/minor-version-compatibility.html`,
  },
  compatGuide: {
    title: 'CUDA Compatibility guide (r615), "Forward Compatibility"',
    url: `${docs}/deploy/cuda-compatibility/forward-compatibility.html`,
  },
  olderCompatGuide: {
    title: 'CUDA Compatibility guide, an earlier edition that no copy was found of',
    url: `${docs}/deploy/cuda-compatibility/forward-compatibility.html`,
  },
  compatElfNote: {
    title: 'the note .note.cuda.fwd_compatibility in libcuda.so of the cuda-compat package',
    url: 'https://github.com/NVIDIA/nvidia-container-toolkit/tree/main/cmd/nvidia-cdi-hook/cudacompat',
  },
  architectureMatrix: {
    title: 'Data center drivers, "CUDA Toolkit, Driver, and Architecture Matrix"',
    url: `${docs}/datacenter/tesla/drivers/cuda-toolkit-driver-and-architecture-matrix.html`,
  },
  cudaGpus: { title: 'NVIDIA, "CUDA GPU Compute Capability"', url: 'https://developer.nvidia.com/cuda-gpus' },
  bestPractices: {
    title: 'CUDA C++ Best Practices Guide, binary and PTX compatibility',
    url: `${docs}/cuda/cuda-c-best-practices-guide/`,
  },
  driverTable: {
    title: 'Data center drivers, "Supported Drivers and CUDA Toolkit Versions"',
    url: `${docs}/datacenter/tesla/drivers/615/supported-drivers-and-cuda-toolkit-versions.html`,
  },
  driver615: { title: 'Data center drivers, R615', url: `${docs}/datacenter/tesla/drivers/615/` },
  driver620: {
    title: 'NVIDIA driver redistributables, 620.70.06',
    url: 'https://developer.download.nvidia.com/compute/nvidia-driver/redist/redistrib_620.70.06.json',
  },
  endOfLife: { title: 'endoflife.date, NVIDIA driver', url: 'https://endoflife.date/nvidia-driver' },
  kernelModules: {
    title: 'Driver Installation Guide, "Kernel Modules"',
    url: `${docs}/datacenter/tesla/driver-installation-guide/kernel-modules.html`,
  },
  openModulesReadme: {
    title: 'NVIDIA open GPU kernel modules, README (595.45.04)',
    url: 'https://github.com/NVIDIA/open-gpu-kernel-modules',
  },
  requirements: {
    title: 'NVIDIA Container Toolkit, internal/requirements',
    url: 'https://github.com/NVIDIA/nvidia-container-toolkit/tree/main/internal/requirements',
  },
  containerCli: {
    title: 'libnvidia-container, src/cli/configure.c and dsl.c',
    url: 'https://github.com/NVIDIA/libnvidia-container/tree/main/src/cli',
  },
  cdiMode: {
    title: 'NVIDIA Container Toolkit, release notes 1.18.0: mode jit-cdi by default',
    url: 'https://github.com/NVIDIA/nvidia-container-toolkit/releases/tag/v1.18.0',
  },
  compatHook: {
    title: 'NVIDIA Container Toolkit, release notes 1.17.4 to 1.20.0: the enable-cuda-compat hook',
    url: 'https://github.com/NVIDIA/nvidia-container-toolkit/releases',
  },
  dockerSpecialized: {
    title: 'NVIDIA Container Toolkit, "Specialized Configurations with Docker"',
    url: `${docs}/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html`,
  },
  driverApi: {
    title: 'CUDA Driver API, CUresult',
    url: `${docs}/cuda/cuda-driver-api/group__CUDA__TYPES.html`,
  },
  fabricManager: {
    title: 'Fabric Manager User Guide, driver and Fabric Manager of the same version',
    url: `${docs}/datacenter/tesla/fabric-manager-user-guide/`,
  },
  migGuide: { title: 'MIG User Guide', url: `${docs}/datacenter/tesla/mig-user-guide/` },
  wslGuide: { title: 'CUDA on WSL User Guide', url: `${docs}/cuda/wsl-user-guide/` },
  productSecurity: {
    title: 'NVIDIA product security bulletins',
    url: 'https://github.com/NVIDIA/product-security',
  },
  toolkitTags: {
    title: 'NVIDIA Container Toolkit, tags',
    url: 'https://github.com/NVIDIA/nvidia-container-toolkit/tags',
  },
  site: { title: "this site's own configuration", url: null },
} as const satisfies Readonly<Record<string, Source>>;

export type SourceName = keyof typeof sources;

const texts = new Map<SourceName, string>(
  (Object.keys(sources) as SourceName[]).map((name) => {
    const { title, url } = sources[name];
    return [name, url === null ? title : `${title}, ${url}`];
  }),
);

/** A source in one line. */
export const sourceText = (name: SourceName): string => texts.get(name) ?? name;
