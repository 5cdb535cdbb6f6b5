import {
  container,
  debian,
  gpus,
  inContainer,
  loginSession,
  ownedBy,
  rocky,
  slurmJob,
  ubuntu,
} from './host-parts.ts';
import { models } from './models.ts';
import type { HostSpec, ProcessSpec } from './specs.ts';

const h100Buses = ['1B', '43', '52', '61', '9D', 'C3', 'D1', 'DF'];
const h100Gpus = gpus(models.h100, h100Buses, [91, 93, 90, 92, 64, 58, 0, 0]).map((gpu, index) =>
  index === 7
    ? {
        ...gpu,
        otherMemoryMiB: 48,
        mig: [
          { gpuInstanceId: 2, profile: '3g.40gb', multiprocessors: 60, memoryMiB: 40448 },
          { gpuInstanceId: 3, profile: '2g.20gb', multiprocessors: 32, memoryMiB: 20096 },
          { gpuInstanceId: 9, profile: '1g.10gb', multiprocessors: 16, memoryMiB: 9984 },
          { gpuInstanceId: 10, profile: '1g.10gb', multiprocessors: 16, memoryMiB: 9984 },
        ],
      }
    : gpu,
);

/** What the toolkit's hook says where a requirement does not hold, as Docker passes it on. */
const refused = (cuda: string): string =>
  `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error running prestart hook #0: exit status 1, stdout: , stderr: Auto-detected mode as 'legacy'\nnvidia-container-cli: requirement error: unsatisfied condition: cuda>=${cuda}, please update your driver to a newer version, or use an earlier cuda container: unknown`;

export const dataCentreHosts: readonly HostSpec[] = [
  {
    name: 'h100x8-mig',
    description: '8 × H100 80GB HBM3, MIG on GPU 7, training and inference in containers',
    hostname: 'hgx-h100-01',
    driverVersion: '580.159.03',
    cudaVersion: '13.0',
    openModule: true,
    architecture: 'x86_64',
    ...ubuntu,
    kernel: '6.8.0-87-generic',
    toolkitVersion: '1.18.0',
    dockerVersion: '28.5.1',
    bootedAt: 1_793_180_400,
    persistence: true,
    gpus: h100Gpus,
    containers: [
      container('llm-pretrain', 'nvcr.io/nvidia/pytorch:25.08-py3', '13.0', {
        command: ['torchrun', '--nproc-per-node=4', 'train.py'],
        labels: ownedBy('anna'),
      }),
      container('vllm-70b', 'vllm/vllm-openai:v0.11.0', '12.8', {
        command: ['vllm', 'serve', 'llama-70b'],
        labels: ownedBy('serving'),
      }),
      container('notebook-ada', 'nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04', '12.4.1', {
        visibleDevices: '7',
        command: ['jupyter', 'lab'],
        labels: ownedBy('anna'),
      }),
      container('embeddings', 'nvidia/cuda:12.1.0-runtime-ubuntu22.04', '12.1.0', { visibleDevices: '7' }),
    ],
    processes: [
      ...[0, 1, 2, 3].map((gpu) =>
        inContainer('llm-pretrain', 31_100 + gpu, [gpu], 71_338, { name: '/opt/conda/bin/python3' }),
      ),
      inContainer('vllm-70b', 32_455, [4], 68_812, { name: 'VLLM::Worker_TP0' }),
      inContainer('vllm-70b', 32_456, [5], 68_812, { name: 'VLLM::Worker_TP1' }),
      inContainer('notebook-ada', 35_210, [7], 14_336, { gpuInstanceId: 2 }),
      inContainer('embeddings', 35_877, [7], 6_214, { gpuInstanceId: 9 }),
      {
        pid: 36_004,
        gpus: [7],
        name: './bench',
        type: 'C',
        memoryMiB: 3_072,
        gpuInstanceId: 3,
        owner: { cgroup: slurmJob },
      },
    ],
  },
  {
    name: 'h100x8',
    description: '8 × H100 80GB HBM3 in one training job, an older driver of the same branch',
    hostname: 'hgx-h100-02',
    driverVersion: '580.105.08',
    cudaVersion: '13.0',
    openModule: true,
    architecture: 'x86_64',
    ...ubuntu,
    kernel: '6.8.0-85-generic',
    toolkitVersion: '1.17.8',
    dockerVersion: '28.5.1',
    bootedAt: 1_792_060_000,
    persistence: true,
    gpus: gpus(models.h100, h100Buses, [94, 95, 93, 94, 95, 94, 93, 95]),
    containers: [
      container('sft-run-17', 'nvcr.io/nvidia/pytorch:25.03-py3', '12.8', {
        command: ['torchrun', '--nproc-per-node=8', 'sft.py'],
        labels: ownedBy('bea'),
      }),
    ],
    processes: [0, 1, 2, 3, 4, 5, 6, 7].map((gpu) =>
      inContainer('sft-run-17', 41_300 + gpu, [gpu], 74_112, { name: '/opt/conda/bin/python3' }),
    ),
  },
  {
    name: 'a100x8',
    description: '8 × A100-SXM4-80GB with Slurm jobs beside one container',
    hostname: 'dgx-a100-02',
    driverVersion: '550.163.01',
    cudaVersion: '12.4',
    openModule: false,
    architecture: 'x86_64',
    ...rocky,
    kernel: '5.14.0-570.12.1.el9_6.x86_64',
    toolkitVersion: '1.17.8',
    dockerVersion: '27.5.1',
    bootedAt: 1_791_970_000,
    persistence: true,
    gpus: gpus(models.a100, ['07', '0F', '47', '4E', '87', '90', 'B7', 'BD'], [88, 86, 87, 85, 41, 0, 0, 23]),
    containers: [
      container('diffusion', 'nvidia/cuda:12.1.1-cudnn8-runtime-ubuntu22.04', '12.1.1', {
        mapped: { cudart: '12.1.105' },
        labels: { 'com.docker.compose.project': 'diffusion', 'com.docker.compose.service': 'worker' },
      }),
      container('flux-dev', 'ghcr.io/lab/flux-dev:2.1', '12.8.1', {
        requireCuda: 'cuda>=12.8',
        ended: { secondsAgo: 740, ranSeconds: null, exitCode: 128, error: refused('12.8') },
      }),
      // Reserved and forgotten: no process of it is on its GPU.
      container('notebook-ben', 'nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04', '12.4.1', {
        labels: ownedBy('ben'),
        grantedGpus: [5],
        command: ['jupyter', 'lab'],
      }),
    ],
    processes: [
      ...[0, 1, 2, 3].map(
        (gpu): ProcessSpec => ({
          pid: 20_540 + gpu,
          gpus: [gpu],
          name: '/home/ada/venv/bin/python',
          type: 'C',
          memoryMiB: 61_442,
          owner: { cgroup: slurmJob },
        }),
      ),
      inContainer('diffusion', 22_871, [4], 31_690),
      {
        pid: 23_015,
        gpus: [7],
        name: 'gmx',
        type: 'C',
        memoryMiB: 2_412,
        owner: { cgroup: loginSession },
      },
    ],
  },
  {
    name: 'l40sx4',
    description: '4 × L40S, inference, newest production branch',
    hostname: 'inf-l40s-03',
    driverVersion: '595.71.05',
    cudaVersion: '13.2',
    openModule: true,
    architecture: 'x86_64',
    ...ubuntu,
    kernel: '6.8.0-87-generic',
    toolkitVersion: '1.19.0',
    dockerVersion: '29.0.1',
    bootedAt: 1_794_610_000,
    persistence: true,
    gpus: gpus(models.l40s, ['16', '38', 'A8', 'D8'], [72, 66, 31, 0]),
    containers: [
      container('triton', 'nvcr.io/nvidia/tritonserver:25.09-py3', '13.0', {
        command: ['tritonserver'],
        labels: ownedBy('serving'),
      }),
      container('whisper', 'nvidia/cuda:12.8.1-runtime-ubuntu24.04', '12.8.1'),
      container('ocr', 'nvidia/cuda:11.8.0-runtime-ubuntu22.04', '11.8.0'),
      container('reranker', 'nvidia/cuda:12.8.1-runtime-ubuntu24.04', '12.8.1', {
        ended: { secondsAgo: 1_900, ranSeconds: 4, exitCode: 1, error: '' },
      }),
    ],
    processes: [
      inContainer('triton', 8_421, [0, 1], 33_518, { name: 'tritonserver' }),
      inContainer('whisper', 8_930, [2], 9_874),
      inContainer('ocr', 9_112, [3], 1_806),
    ],
  },
  {
    name: 'v100x4',
    description: '4 × V100, an old branch with the old element names',
    hostname: 'old-v100-04',
    driverVersion: '470.256.02',
    cudaVersion: '11.4',
    openModule: false,
    architecture: 'x86_64',
    ...debian,
    kernel: '6.1.0-40-amd64',
    toolkitVersion: '1.13.5',
    dockerVersion: '20.10.24',
    bootedAt: 1_788_500_000,
    persistence: false,
    gpus: gpus(models.v100, ['15', '16', '3A', '3B'], [77, 0, 45, 0]),
    containers: [
      container('legacy-train', 'nvidia/cuda:11.8.0-devel-ubuntu20.04', '11.8.0', {
        mapped: { cudart: '11.8.89' },
      }),
      container('finetune-13', 'nvidia/cuda:13.0.1-runtime-ubuntu24.04', '13.0.1', {
        ended: { secondsAgo: 5_200, ranSeconds: null, exitCode: 128, error: refused('13.0') },
      }),
    ],
    processes: [
      inContainer('legacy-train', 5_120, [0], 22_874, { name: 'python' }),
      {
        pid: 5_204,
        gpus: [1],
        name: '/usr/local/bin/ollama',
        type: 'C',
        memoryMiB: 9_612,
        owner: { cgroup: '0::/system.slice/ollama.service' },
      },
      {
        pid: 5_977,
        gpus: [2],
        name: './lammps',
        type: 'C',
        memoryMiB: 4_318,
        owner: { cgroup: loginSession },
      },
    ],
  },
  {
    name: 'gb200x4',
    description: '4 × GB200 on Arm under Kubernetes, the first branch with KMD and CUDA UMD versions',
    hostname: 'nvl72-r1-t05',
    driverVersion: '610.57.04',
    cudaVersion: '13.3',
    openModule: true,
    architecture: 'aarch64',
    ...ubuntu,
    kernel: '6.14.0-1013-nvidia-64k',
    toolkitVersion: '1.19.0',
    dockerVersion: '29.0.1',
    bootedAt: 1_794_800_000,
    persistence: true,
    gpus: gpus(models.gb200, ['08', '09', '18', '19'], [95, 94, 95, 93]),
    containers: [
      container('k8s_trainer_moe-train-0_research_5b0c', 'nvcr.io/nvidia/nemo:25.09', '13.0', {
        labels: {
          'io.kubernetes.container.name': 'trainer',
          'io.kubernetes.pod.name': 'moe-train-0',
          'io.kubernetes.pod.namespace': 'research',
          'io.kubernetes.pod.uid': '5b0c2a61-0f4e-4b6e-9a55-3f0a9d0f7c11',
        },
      }),
    ],
    processes: [0, 1, 2, 3].map((gpu) =>
      inContainer('k8s_trainer_moe-train-0_research_5b0c', 14_200 + gpu, [gpu], 162_304),
    ),
  },
];
