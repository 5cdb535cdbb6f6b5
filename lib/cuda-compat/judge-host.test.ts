import type { CompatContainer } from '../model/index.ts';
import { container, gpu, host, requiring } from './judge.testing.ts';
import { by, describeRows, type Row } from './judge-table.testing.ts';

const matrix = by('architectureMatrix');
const code = by('bestPractices');
const gpus = by('cudaGpus');
const modules = by('kernelModules');
const cli = by('containerCli');
const cdi = by('cdiMode');
const toolkit = by('requirements');
const capabilities = by('dockerSpecialized');
const mig = by('migGuide');
const wsl = by('wslGuide');
const minor = by('minorGuide');
const notes = by('toolkitReleaseNotes');

const noKernel = 'Error 209: no kernel image is available for execution on the device';
const noDevice = 'Error 100: no CUDA-capable device is detected';
const compute = (computeCapability: string) => [gpu(null, { computeCapability })];

const ofGpus: readonly Row[] = [
  matrix.noGpu(noKernel, 'Volta on CUDA 13', host('580.65.06', 'V100'), container('13.0')),
  matrix.noGpu(
    noKernel,
    'Volta by its full name',
    host('580.126.09', 'Tesla V100-SXM2-32GB'),
    container('13.0.1'),
  ),
  matrix.noGpu(noKernel, 'Pascal on CUDA 13', host('580.65.06', 'Tesla P100-PCIE-16GB'), container('13.0')),
  matrix.noGpu(noKernel, 'Maxwell on CUDA 13', host('580.65.06', 'Tesla M60'), container('13.0')),
  matrix.noGpu(noKernel, 'Kepler on CUDA 12', host('470.256.02', 'Tesla K80'), container('12.2')),
  matrix.noGpu(noKernel, 'Kepler 3.0 on CUDA 11', host('470.256.02', 'GeForce GTX 680'), container('11.0')),
  matrix.noGpu(noKernel, 'Fermi on CUDA 9', host('390.157', compute('2.0')), container('9.0')),
  matrix.runs('Volta on CUDA 12.9 and R580', host('580.65.06', 'V100'), container('12.9')),
  matrix.runs('Pascal on CUDA 12.4 and R580', host('580.95.05', 'GTX 1080 Ti'), container('12.4')),
  matrix.runs('Maxwell on CUDA 11.8 and R535', host('535.309.01', 'Quadro M4000'), container('11.8')),
  matrix.runs('Kepler on CUDA 11.4 and R470', host('470.256.02', 'K40m'), container('11.4')),
  matrix.noGpu(noDevice, 'Volta on R590', host('590.48.01', 'V100'), container('12.4')),
  matrix.noGpu(noDevice, 'Pascal on R595', host('595.71.05', 'P40'), container('12.2')),
  matrix.noGpu(noDevice, 'Maxwell on R610', host('610.43.02', 'M40'), container('11.8')),
  matrix.noGpu(noDevice, 'Kepler on R535', host('535.309.01', 'K80'), container('11.4')),
  matrix.noGpu(noDevice, 'Volta on a branch of the future', host('640.10', 'V100'), container('12.4')),
  matrix.noGpu(noDevice, 'Blackwell on R565', host('565.57.01', 'B200'), container('12.8')),
  matrix.noGpu(
    noDevice,
    'Blackwell RTX on R560',
    host('560.35.03', 'NVIDIA GeForce RTX 5090'),
    container('12.8'),
  ),
  matrix.noGpu(noDevice, 'Hopper on R470', host('470.256.02', 'NVIDIA H100 80GB HBM3'), container('11.8')),
  matrix.noGpu(noDevice, 'Ada on R515', host('515.105.01', 'L40S'), container('11.7')),
  matrix.noGpu(noDevice, 'Ampere on R440', host('440.33', 'A100'), container('10.2')),
  matrix.noGpu(noDevice, 'Rubin on R610', host('610.57.04', compute('10.7')), container('13.3')),
  matrix.noGpu(noDevice, 'Blackwell Ultra on R570', host('570.211.01', 'B300'), container('12.9')),
  matrix.runs('Rubin on R615 and CUDA 13.4', host('615.71.09', compute('10.7')), container('13.4')),
  matrix.runs('Blackwell on R570 and CUDA 12.8', host('570.124.06', 'NVIDIA B200'), container('12.8.1')),
  matrix.runs(
    'Blackwell workstation',
    host('580.95.05', 'NVIDIA RTX PRO 6000 Blackwell Workstation Edition'),
    container('13.0'),
  ),
  matrix.runs('Turing on R620', host('620.70.06', 'Quadro RTX 6000'), container('13.5')),
  matrix.runs('Turing on a branch of the future', host('660.20', 'T4'), container('13.0')),
  matrix.runs('several GPUs that are fine', host('580.95.05', [gpu('A100'), gpu('T4')]), container('13.0')),
  matrix.noGpu(
    noKernel,
    'one of several that is not',
    host('580.95.05', [gpu('A100'), gpu('V100')]),
    container('13.0'),
  ),
  matrix.unknown('gpus', 'no GPU is known', host('580.95.05', []), container('13.0')),
  gpus.unknown(
    'gpu.computeCapability',
    'a name in no table',
    host('580.95.05', 'NVIDIA Graphics Device'),
    container('13.0'),
  ),
  gpus.unknown('data', 'a capability in no table', host('580.95.05', compute('13.0')), container('13.0')),
  matrix.runs(
    'a name in no table, of a capability that is',
    host('580.95.05', [gpu('NVIDIA X9000', { computeCapability: '9.0' })]),
    container('13.0'),
  ),
  code.unknown('hasPtx', 'CUDA 11.8 on Blackwell', host('580.95.05', 'B200'), container('11.8')),
  code.noGpu(
    noKernel,
    'CUDA 11.8 on Blackwell without PTX',
    host('580.95.05', 'B200'),
    container('11.8', { hasPtx: false }),
  ),
  code.limits(
    'native',
    'CUDA 11.8 on Blackwell with PTX',
    host('580.95.05', 'B200'),
    container('11.8', { hasPtx: true }),
  ),
  code.limits(
    'native',
    'CUDA 12.4 on a GeForce Blackwell with PTX',
    host('580.95.05', 'RTX 5080'),
    container('12.4', { hasPtx: true }),
  ),
  code.unknown('hasPtx', 'CUDA 11.4 on Hopper', host('535.309.01', 'H100'), container('11.4')),
  code.limits('native', 'CUDA 11.1 on Ada: code for 8.6', host('535.309.01', 'L4'), container('11.1')),
  code.limits(
    'native',
    'CUDA 12.8 on Blackwell Ultra: code for 10.0',
    host('580.95.05', 'GB300'),
    container('12.8'),
  ),
  code.limits('native', 'CUDA 9.0 on Turing: code for 7.0', host('535.309.01', 'T4'), container('9.0')),
  modules.noGpu(
    noDevice,
    'Blackwell with proprietary modules',
    host('580.95.05', 'B200', { moduleFlavour: 'proprietary' }),
    container('12.8'),
  ),
  modules.noGpu(
    noDevice,
    'Grace Hopper with proprietary modules',
    host('580.95.05', 'NVIDIA GH200 480GB', { moduleFlavour: 'proprietary' }),
    container('12.8'),
  ),
  modules.noGpu(
    noDevice,
    'Volta with open modules',
    host('580.95.05', 'V100', { moduleFlavour: 'open' }),
    container('12.8'),
  ),
  modules.runs(
    'Blackwell with open modules',
    host('580.95.05', 'GB200', { moduleFlavour: 'open' }),
    container('12.8'),
  ),
  modules.runs(
    'Volta with proprietary modules',
    host('535.309.01', 'V100', { moduleFlavour: 'proprietary' }),
    container('12.2'),
  ),
  matrix.runs(
    'Hopper with proprietary modules',
    host('580.95.05', 'H100', { moduleFlavour: 'proprietary' }),
    container('12.8'),
  ),
  mig.runs('MIG on', host('580.95.05', [gpu('A100', { migEnabled: true })]), container('13.0')),
];

const jetson = { isJetson: true };
const windows = { isWsl: true };
const others: readonly Row[] = [
  minor.unknown(
    'data',
    'Orin, whose driver comes with JetPack',
    host('540.4.0', 'Orin (nvgpu)', jetson),
    container('12.6'),
  ),
  matrix.noGpu(
    noKernel,
    'Jetson Nano on CUDA 12 is of Maxwell, and on 13 no more',
    host('540.4.0', 'Jetson Nano', jetson),
    container('13.0'),
  ),
  toolkit.refused(
    'unsatisfied condition: arch>=9.0',
    'Jetson refuses in CSV mode',
    host('540.4.0', 'Orin', jetson),
    requiring('12.6', 'arch>=9.0', { injection: 'runtime-legacy' }),
  ),
  wsl.runs('12.4 on the driver of Windows', host('551.78', 'RTX 4090', windows), container('12.4.1')),
  wsl.limits(
    'minor-version',
    '12.8 on R550 of Windows',
    host('551.78', 'RTX 4090', windows),
    container('12.8'),
  ),
  wsl.fails(
    'Error 35',
    '12.0 on an old driver of Windows',
    host('512.36', 'RTX 3080', windows),
    container('12.0'),
  ),
  wsl.unknown(
    'data',
    '13.0 under WSL is in no table',
    host('576.57', 'RTX 4090', windows),
    container('13.0'),
  ),
  notes.unknown('gpus', 'R610 without a GPU', host('610.43.02', []), container('13.3')),
];

const way = (injection: CompatContainer['injection'], more: Partial<CompatContainer> = {}) => ({
  injection,
  ...more,
});
const image =
  'cuda>=13.0 brand=unknown,driver>=570,driver<571 brand=tesla,driver>=570,driver<571 brand=nvidia,driver>=570,driver<571 brand=quadrortx,driver>=570,driver<571 brand=nvidiartx,driver>=570,driver<571';
const unsatisfied = (condition: string) =>
  `nvidia-container-cli: requirement error: unsatisfied condition: ${condition}, please update your driver to a newer version, or use an earlier cuda container`;
const h100 = host('550.54.15', 'H100');

const starts: readonly Row[] = [
  cli.refused(
    unsatisfied('cuda>=12.8'),
    'the legacy runtime checks',
    h100,
    requiring('12.8', 'cuda>=12.8', way('runtime-legacy')),
  ),
  cli.refused(
    unsatisfied('cuda>=12.8'),
    'so does the hook',
    h100,
    requiring('12.8', 'cuda>=12.8', way('hook')),
  ),
  cdi.limits(
    'minor-version',
    'the CDI runtime does not',
    h100,
    requiring('12.8', 'cuda>=12.8', way('runtime-cdi')),
  ),
  cdi.limits(
    'minor-version',
    'nor does a CDI device',
    h100,
    requiring('12.8', 'cuda>=12.8', way('cdi-device')),
  ),
  cdi.fails(
    'Error 35',
    'not checked, and CUDA then fails',
    h100,
    requiring('13.0', 'cuda>=13.0', way('cdi-device')),
  ),
  toolkit.unknown('injection', 'which way is not known', h100, requiring('12.8', 'cuda>=12.8')),
  toolkit.unknown(
    'cuda',
    'a requirement is no CUDA version',
    h100,
    requiring(null, 'cuda>=12.0', way('hook')),
  ),
  cli.refused(
    unsatisfied('cuda>=12.8'),
    'refused, whatever CUDA it has',
    h100,
    requiring(null, 'cuda>=12.8', way('hook')),
  ),
  toolkit.runs('it holds', host('570.124.06', 'H100'), requiring('12.8', 'cuda>=12.8', way('hook'))),
  toolkit.runs('R610 has CUDA 13.3', host('610.43.02', 'H100'), requiring('13.3', 'cuda>=13.3', way('hook'))),
  cli.refused(
    unsatisfied('cuda>=13.4'),
    'and no more',
    host('610.43.02', 'H100'),
    requiring('13.3', 'cuda>=13.4', way('hook')),
  ),
  toolkit.limits(
    'minor-version',
    'a data center GPU on a listed branch',
    host('570.211.01', 'A100'),
    requiring('12.9', image, way('hook')),
  ),
  cli.refused(
    unsatisfied('cuda>=13.0'),
    'GeForce on the same branch',
    host('570.211.01', 'GeForce RTX 4090'),
    requiring('12.9', image, way('hook')),
  ),
  cli.refused(
    unsatisfied('cuda>=13.0'),
    'a data center GPU on a branch that is not listed',
    host('575.57.08', 'A100'),
    requiring('12.9', image, way('hook')),
  ),
  toolkit.limits(
    'minor-version',
    'its brand as NVML names it',
    host('570.211.01', [gpu('RTX 6000', { computeCapability: '7.5', brand: 'Quadro RTX' })]),
    requiring('12.9', image, way('hook')),
  ),
  cli.refused(
    unsatisfied('arch>=8.0'),
    'arch',
    host('580.95.05', 'T4'),
    requiring('12.8', 'arch>=8.0', way('hook')),
  ),
  toolkit.runs('arch holds', host('580.95.05', 'A100'), requiring('12.8', 'arch>=8.0', way('hook'))),
  cli.refused(
    unsatisfied('arch>=8.0'),
    'arch of one of several',
    host('580.95.05', [gpu('A100'), gpu('T4')]),
    requiring('12.8', 'arch>=8.0', way('hook')),
  ),
  cli.refused(
    unsatisfied('driver<580'),
    'an upper bound',
    host('580.95.05', 'A100'),
    requiring('12.8', 'driver<580', way('hook')),
  ),
  cli.refused(
    unsatisfied('driver!=580.95.05'),
    'not this one',
    host('580.95.05', 'A100'),
    requiring('12.8', 'driver!=580.95.05', way('hook')),
  ),
  cli.refused(
    unsatisfied('cuda<=12.9'),
    'at most',
    host('580.95.05', 'A100'),
    requiring('12.8', 'cuda<=12.9', way('hook')),
  ),
  cli.refused(
    unsatisfied('cuda>13.0'),
    'more than',
    host('580.95.05', 'A100'),
    requiring('12.8', 'cuda>13.0', way('hook')),
  ),
  cli.refused(
    unsatisfied('cuda=12.8'),
    'exactly',
    host('580.95.05', 'A100'),
    requiring('12.8', 'cuda=12.8', way('hook')),
  ),
  cli.refused(
    unsatisfied('brand=tesla'),
    'a brand',
    host('580.95.05', 'RTX 3090'),
    requiring('12.8', 'brand=tesla', way('hook')),
  ),
  cli.unknown(
    'gpu.brand',
    'a brand that nobody told',
    host('580.95.05', [gpu(null, { computeCapability: '7.5' })]),
    requiring('12.8', 'brand=tesla', way('hook')),
  ),
  cli.unknown(
    'gpu.computeCapability',
    'arch of an unknown GPU',
    host('580.95.05', 'X'),
    requiring('12.8', 'arch>=8.0', way('hook')),
  ),
  cli.unknown(
    'data',
    'CUDA of a driver of the future',
    host('640.10', 'A100'),
    requiring('12.8', 'cuda>=13.9', way('hook')),
  ),
  toolkit.runs('what it has at least', host('640.10', 'A100'), requiring('12.8', 'cuda>=13.0', way('hook'))),
  cli.refused(
    'nvidia-container-cli: requirement error: invalid expression',
    'malformed',
    h100,
    requiring('12.4', 'cuda12.8', way('hook')),
  ),
  cli.refused(
    'invalid expression',
    'a property that does not exist',
    h100,
    requiring('12.4', 'gpu>=1', way('runtime-legacy')),
  ),
  cli.refused(
    'invalid expression',
    '==',
    host('580.95.05', 'H100'),
    requiring('12.4', 'cuda==13.0', way('hook')),
  ),
  cdi.runs('malformed, and nobody checks', h100, requiring('12.4', 'cuda12.8', way('runtime-cdi'))),
  capabilities.limits(
    'minor-version',
    'NVIDIA_DISABLE_REQUIRE=true',
    h100,
    requiring('12.8', 'cuda>=12.8', way('hook', { disableRequire: 'true' })),
  ),
  capabilities.limits(
    'minor-version',
    'NVIDIA_DISABLE_REQUIRE=1',
    h100,
    requiring('12.8', 'cuda>=12.8', way('hook', { disableRequire: '1' })),
  ),
  cli.refused(
    unsatisfied('cuda>=12.8'),
    'NVIDIA_DISABLE_REQUIRE=yes is no true',
    h100,
    requiring('12.8', 'cuda>=12.8', way('hook', { disableRequire: 'yes' })),
  ),
  capabilities.limits(
    'minor-version',
    'disable-require of the host',
    host('550.54.15', 'H100', { disablesRequire: true }),
    requiring('12.8', 'cuda>=12.8', way('hook')),
  ),
  cli.refused(
    unsatisfied('cuda>=12.8'),
    'CUDA_VERSION stands for the requirement',
    h100,
    container('12.8', way('hook', { cudaVersionVariable: '12.8.1' })),
  ),
  cli.refused(
    unsatisfied('cuda>=13'),
    'variables are ANDed',
    h100,
    container(
      '12.4',
      way('hook', {
        requirements: [
          { name: 'NVIDIA_REQUIRE_CUDA', value: 'cuda>=12.0' },
          { name: 'NVIDIA_REQUIRE_MINE', value: 'cuda>=13' },
        ],
      }),
    ),
  ),
  toolkit.runs(
    'JetPack is left out',
    h100,
    container(
      '12.4',
      way('hook', {
        requirements: [
          { name: 'NVIDIA_REQUIRE_CUDA', value: 'cuda>=12.0' },
          { name: 'NVIDIA_REQUIRE_JETPACK', value: 'cuda>=99' },
        ],
      }),
    ),
  ),
  capabilities.fails(
    'libcuda.so.1',
    'only utility, by the hook',
    host('580.95.05', 'A100'),
    container('12.8', way('hook', { driverCapabilities: 'utility' })),
  ),
  capabilities.fails(
    'libcuda.so.1',
    'only graphics, by the legacy runtime',
    host('580.95.05', 'A100'),
    container('12.8', way('runtime-legacy', { driverCapabilities: 'graphics,display' })),
  ),
  capabilities.runs(
    'CDI mounts all',
    host('580.95.05', 'A100'),
    container('12.8', way('cdi-device', { driverCapabilities: 'utility' })),
  ),
  capabilities.unknown(
    'injection',
    'utility, and which way is not known',
    host('580.95.05', 'A100'),
    container('12.8', { driverCapabilities: 'utility' }),
  ),
  notes.runs('all', host('580.95.05', 'A100'), container('12.8', way('hook', { driverCapabilities: 'all' }))),
];

describeRows('GPUs', ofGpus);
describeRows('Jetson, WSL and R610', others);
describeRows('requirements and the start', starts);
