import { container, gpu, host } from './judge.testing.ts';
import { by, describeRows, type Row } from './judge-table.testing.ts';

const notes = by('toolkitReleaseNotes');
const minor = by('minorGuide');
const guide = by('compatGuide');
const elf = by('compatElfNote');
const older = by('olderCompatGuide');
const hook = by('compatHook');

const compat = (cudaVersion: string | null, more: object = {}) => ({
  compatPackage: { cudaVersion, driverVersion: null, driverBranches: null, isUsed: null, ...more },
});
const inUse = (cudaVersion: string, more: object = {}) => compat(cudaVersion, { isUsed: true, ...more });
const old = '35: CUDA driver version is insufficient for CUDA runtime version';

const native: readonly Row[] = [
  notes.runs('13.5 on the first R620', host('620.70.06', 'H100'), container('13.5')),
  notes.runs('13.4 on R615', host('615.71.09', 'H100'), container('13.4.1')),
  notes.runs('13.3 on its own driver', host('610.43.02', 'H100'), container('13.3.0')),
  notes.runs('13.2.1 on its own driver', host('595.58.03', 'A100'), container('13.2.1')),
  notes.runs('13.1 on its own driver', host('590.44.01', 'L40S'), container('13.1.0')),
  notes.runs('13.0.2 on its own driver', host('580.95.05', 'A10'), container('13.0.2')),
  notes.runs('13.0 on its own driver', host('580.65.06', 'T4'), container('13.0')),
  notes.runs('12.9.1 on its own driver', host('575.57.08', 'RTX 4090'), container('12.9.1')),
  notes.runs('12.8 on its own driver', host('570.26', 'B200'), container('12.8.0')),
  notes.runs('12.6.3 on its own driver', host('560.35.05', 'A100'), container('12.6.3')),
  notes.runs('12.5 on its own driver', host('555.42.02', 'A100'), container('12.5.0')),
  notes.runs('12.4.1 on its own driver', host('550.54.15', 'A100'), container('12.4.1')),
  notes.runs('12.3.1 on its own driver', host('545.23.08', 'A100'), container('12.3.1')),
  notes.runs('12.2.2 on its own driver', host('535.104.05', 'A100'), container('12.2.2')),
  notes.runs('12.1 on its own driver', host('530.30.02', 'V100'), container('12.1')),
  notes.runs('12.0.1 on its own driver', host('525.85.12', 'V100'), container('12.0.1')),
  notes.runs('11.8 on its own driver', host('520.61.05', 'H100'), container('11.8.0')),
  notes.runs('11.7 on its own driver', host('515.43.04', 'A100'), container('11.7')),
  notes.runs('11.4.4 on its own driver', host('470.82.01', 'K80'), container('11.4.4')),
  notes.runs('11.1 on its own driver', host('455.23', 'A40'), container('11.1.0')),
  notes.runs('11.0.3 on its own driver', host('450.51.06', 'V100'), container('11.0.3')),
  notes.runs('10.2 on its own driver', host('440.33', 'T4'), container('10.2.89')),
  notes.runs('9.0 on its own driver', host('384.81', 'V100'), container('9.0')),
  notes.runs('11.8 on R610: newer drivers run older CUDA', host('610.43.02', 'T4'), container('11.8')),
  notes.runs('10.1 on R580', host('580.126.09', 'T4'), container('10.1')),
  notes.runs('9.2 on R535', host('535.309.01', 'V100'), container('9.2')),
  notes.runs('12.7, which only R565 has', host('565.57.01', 'A100'), container('12.7')),
  notes.runs('8.0, older than the tables', host('535.309.01', 'P100'), container('8.0')),
  notes.runs('12.4 on a branch newer than the tables', host('640.10.01', 'H100'), container('12.4')),
  notes.fails(old, '10.2 without minor-version rules', host('418.39', 'T4'), container('10.2')),
  notes.fails(old, '10.1 on R410', host('410.48', 'V100'), container('10.1')),
  notes.fails(old, '9.2 on R390', host('390.46', 'V100'), container('9.2')),
  notes.unknown('data', 'a CUDA major of the future', host('580.65.06', 'H100'), container('14.0')),
  notes.unknown('data', 'and on a driver of the future', host('700.10', 'H100'), container('14.2')),
];

const minorVersion: readonly Row[] = [
  minor.limits('minor-version', '13.3 on R580', host('580.65.06', 'H100'), container('13.3')),
  minor.limits('minor-version', '13.1 on R580', host('580.178.04', 'T4'), container('13.1.0')),
  minor.limits('minor-version', '13.0.2 one patch early', host('580.82.07', 'T4'), container('13.0.2')),
  minor.limits('minor-version', '12.8 on R550', host('550.54.15', 'H100'), container('12.8')),
  minor.limits('minor-version', '12.9 on the first R525', host('525.60.13', 'A100'), container('12.9')),
  minor.limits('minor-version', '12.4.1 one patch early', host('550.54.14', 'A100'), container('12.4.1')),
  minor.limits('minor-version', '12.6 on GeForce', host('535.183.01', 'RTX 3090'), container('12.6')),
  minor.limits('minor-version', '11.6 on the first R450.80', host('450.80.02', 'A100'), container('11.6')),
  minor.limits('minor-version', '11.4 on R450', host('450.248.02', 'V100'), container('11.4')),
  minor.limits('minor-version', '13.7, newer than the tables', host('620.70.06', 'H100'), container('13.7')),
  minor.fails(old, '13.0 on R575', host('575.57.08', 'H100'), container('13.0')),
  minor.fails(old, '13.0 on R535', host('535.309.01', 'A100'), container('13.0')),
  minor.fails(old, '12.0 just below the floor', host('525.60.11', 'A100'), container('12.8')),
  minor.fails(old, '12.2 on R470', host('470.256.02', 'A100'), container('12.2')),
  minor.fails(old, '11.4 just below the floor', host('450.51.06', 'V100'), container('11.4')),
  minor.fails(old, '11.2 on R440', host('440.33', 'V100'), container('11.2')),
  minor.unknown('kernelDriverVersion', 'no driver is known', host(null, 'H100'), container('12.4')),
  minor.unknown(
    'kernelDriverVersion',
    'a driver that is no version',
    host('[N/A]', 'H100'),
    container('12.4'),
  ),
  minor.unknown('cuda', 'no CUDA is known', host('580.65.06', 'H100'), container(null)),
  minor.unknown('cuda', 'a CUDA that is no version', host('580.65.06', 'H100'), container('latest')),
];

const forward: readonly Row[] = [
  guide.limits(
    'forward-compat',
    '13.4 on R535',
    host('535.309.01', 'A100'),
    container('13.4', inUse('13.4')),
  ),
  guide.limits(
    'forward-compat',
    '13.3 on R570',
    host('570.211.01', 'H100'),
    container('13.3', inUse('13.3')),
  ),
  guide.limits('forward-compat', '13.2 on R590', host('590.48.01', 'H100'), container('13.2', inUse('13.2'))),
  guide.limits('forward-compat', '13.0 on R570', host('570.211.01', 'L4'), container('13.0', inUse('13.0'))),
  guide.limits('forward-compat', '12.9 on R535', host('535.309.01', 'T4'), container('12.9', inUse('12.9'))),
  guide.limits(
    'forward-compat',
    '12.4 on R535',
    host('535.104.05', 'V100'),
    container('12.4', inUse('12.4')),
  ),
  guide.limits(
    'forward-compat',
    '13.3 package, 13.1 program',
    host('535.309.01', 'A100'),
    container('13.1', inUse('13.3')),
  ),
  guide.limits(
    'forward-compat',
    'a package by its driver',
    host('535.309.01', 'A100'),
    container('13.0', inUse('13.0', { cudaVersion: null, driverVersion: '580.65.06' })),
  ),
  elf.limits(
    'forward-compat',
    '12.9 on R550 by its own list',
    host('550.163.01', 'A100'),
    container('12.9', inUse('12.9')),
  ),
  elf.limits(
    'forward-compat',
    '13.1 on R575 by its own list',
    host('575.57.08', 'H100'),
    container('13.1', inUse('13.1')),
  ),
  elf.limits(
    'forward-compat',
    'a list read from the image',
    host('560.35.03', 'A100'),
    container('12.8', inUse('12.8', { driverBranches: [535, 560] })),
  ),
  older.limits(
    'forward-compat',
    '12.6 on R550',
    host('550.163.01', 'A100'),
    container('12.6', inUse('12.6')),
  ),
  older.limits(
    'forward-compat',
    '12.4 on R470',
    host('470.256.02', 'A100'),
    container('12.4', inUse('12.4')),
  ),
  elf.fails('Error 803', '13.1 on R525', host('525.147.05', 'A100'), container('13.1', inUse('13.1'))),
  guide.fails('Error 803', '13.0 on R550', host('550.54.15', 'H100'), container('13.0', inUse('13.0'))),
  guide.fails(
    'Error 803',
    'an older package on a newer driver',
    host('580.65.06', 'H100'),
    container('12.4', inUse('12.4')),
  ),
  guide.fails('Error 803', '13.2 on R610', host('610.43.02', 'H100'), container('13.2', inUse('13.2'))),
  guide.fails(
    'Error 804: forward compatibility was attempted on non supported HW',
    'GeForce',
    host('550.54.15', 'RTX 4090'),
    container('12.8', inUse('12.8')),
  ),
  guide.fails(
    'Error 804',
    'GeForce, of a pair that the table has',
    host('535.309.01', 'GeForce RTX 3080'),
    container('13.0', inUse('13.0')),
  ),
  guide.fails('Error 804', 'TITAN', host('535.309.01', 'TITAN RTX'), container('12.8', inUse('12.8'))),
  guide.fails(
    'Error 804',
    'GeForce beside a data center GPU',
    host('535.309.01', [gpu('A100'), gpu('RTX 3090')]),
    container('12.8', inUse('12.8')),
  ),
  guide.unknown(
    'gpu.productClass',
    'an RTX card',
    host('535.309.01', 'RTX A6000'),
    container('12.8', inUse('12.8')),
  ),
  guide.unknown(
    'gpu.productClass',
    'a capability that many have',
    host('535.309.01', [gpu(null, { computeCapability: '8.6' })]),
    container('12.8', inUse('12.8')),
  ),
  guide.limits(
    'forward-compat',
    'a capability that only data center GPUs have',
    host('535.309.01', [gpu(null, { computeCapability: '9.0' })]),
    container('12.8', inUse('12.8')),
  ),
  guide.limits(
    'forward-compat',
    'an unknown name of the brand Tesla',
    host('535.309.01', [gpu('T99', { computeCapability: '7.5', brand: 'Tesla' })]),
    container('12.8', inUse('12.8')),
  ),
];

const legacy = { toolkitVersion: '1.17.3' };
const packaged: readonly Row[] = [
  hook.limits(
    'forward-compat',
    '1.17.3 with the hook',
    host('535.309.01', 'A100', legacy),
    container('13.0', { ...compat('13.0'), injection: 'hook' }),
  ),
  hook.fails(
    old,
    '1.17.3 with CDI',
    host('535.309.01', 'A100', legacy),
    container('13.0', { ...compat('13.0'), injection: 'cdi-device' }),
  ),
  hook.fails(
    old,
    '1.17.4 leaves it alone',
    host('535.309.01', 'A100', { toolkitVersion: '1.17.4' }),
    container('13.0', { ...compat('13.0'), injection: 'runtime-legacy' }),
  ),
  hook.limits(
    'forward-compat',
    '1.17.5 with the runtime',
    host('535.309.01', 'A100', { toolkitVersion: '1.17.5' }),
    container('13.0', { ...compat('13.0'), injection: 'runtime-cdi' }),
  ),
  hook.fails(
    old,
    '1.17.6 with the hook',
    host('535.309.01', 'A100', { toolkitVersion: '1.17.6' }),
    container('13.0', { ...compat('13.0'), injection: 'hook' }),
  ),
  hook.limits(
    'forward-compat',
    '1.17.8 with the hook',
    host('535.309.01', 'A100', { toolkitVersion: '1.17.8' }),
    container('13.0', { ...compat('13.0'), injection: 'hook' }),
  ),
  hook.limits(
    'minor-version',
    '1.20 leaves out what is not for the driver',
    host('545.29.06', 'A100', { toolkitVersion: '1.20.0' }),
    container('12.9', compat('12.9')),
  ),
  hook.fails(
    old,
    '1.20, 13.1 not for R560',
    host('560.35.03', 'A100', { toolkitVersion: '1.20.0' }),
    container('13.1', compat('13.1')),
  ),
  hook.limits(
    'forward-compat',
    '1.20 on R535',
    host('535.309.01', 'A100', { toolkitVersion: '1.20.0' }),
    container('13.1', compat('13.1')),
  ),
  hook.fails(
    'Error 804',
    '1.20 does not look at the GPU',
    host('550.54.15', 'RTX 4090', { toolkitVersion: '1.20.0' }),
    container('12.9', compat('12.9')),
  ),
  hook.fails(
    'Error 804',
    'GeForce by the hook of 1.17.8',
    host('550.54.15', 'RTX 4090', { toolkitVersion: '1.17.8' }),
    container('12.8', { ...compat('12.8'), injection: 'runtime-cdi' }),
  ),
  hook.runs('a package that is not newer', host('570.211.01', 'RTX 4090'), container('12.8', compat('12.8'))),
  hook.limits(
    'minor-version',
    'seen not in use',
    host('550.54.15', 'RTX 4090'),
    container('12.8', compat('12.8', { isUsed: false })),
  ),
  hook.unknown(
    'compatPackage',
    'whether the image has one, on GeForce',
    host('550.54.15', 'RTX 4090', { toolkitVersion: '1.17.8' }),
    container('12.8', { compatPackage: null, injection: 'runtime-cdi' }),
  ),
  hook.unknown(
    'toolkitVersion',
    'which toolkit',
    host('535.309.01', 'A100'),
    container('13.0', { ...compat('13.0'), injection: 'hook' }),
  ),
  hook.unknown(
    'injection',
    'which way',
    host('535.309.01', 'A100', { toolkitVersion: '1.17.8' }),
    container('13.0', compat('13.0')),
  ),
  hook.unknown(
    'compatPackage',
    'which package',
    host('535.309.01', 'A100', legacy),
    container('13.0', { ...compat(null), injection: 'hook' }),
  ),
  minor.limits(
    'minor-version',
    'either way it runs',
    host('535.309.01', 'A100'),
    container('12.8', { compatPackage: null }),
  ),
];

describeRows('native', native);
describeRows('minor-version compatibility', minorVersion);
describeRows('forward compatibility', forward);
describeRows('whether a compat package is used', packaged);
