import { expect, it } from 'vitest';
import { noCompatRows } from '../model/index.ts';
import { readFleetFile } from './fleet-file.ts';

const read = (text: string) => readFleetFile(text, 'fleet.yaml');

it('takes rows of CUDA compatibility', () => {
  const result = read(`compatibility:
  toolkits:
    13.6.0: 625.10.01
  branches:
    625: { cuda: 13.6, supported-until: 2027-12 }
  compat-packages:
    13.6: [580, 595]
  gpus:
    NVIDIA X7: { compute-capability: 9.0, class: data-center }
`);
  expect(result.ok && result.content.compatibility).toEqual({
    toolkits: [{ toolkit: '13.6.0', linuxDriver: '625.10.01' }],
    branches: [{ branch: 625, cuda: '13.6', supportedUntil: '2027-12' }],
    packages: [{ compat: '13.6', branches: [580, 595] }],
    gpus: [{ name: 'NVIDIA X7', computeCapability: '9.0', productClass: 'data-center' }],
  });
});

it('has none unless told', () => {
  const result = read('hosts:\n');
  expect(result.ok && result.content.compatibility).toBe(noCompatRows);
  expect(read('compatibility:\n').ok).toBe(true);
});

it('says with line and column what it cannot read, all together', () => {
  const result = read(`compatibility:
  toolkits:
    thirteen: 625.10.01
    13.6.0: newest
  branches:
    625: { cuda: 13, supported-until: 2027-13 }
  compat-packages:
    13.6: [R580]
  gpus:
    X7: { compute-capability: 9.0, class: fast }
  colours: {}
`);
  expect(result.ok ? [] : result.faults).toEqual([
    'fleet.yaml:3:5: compatibility › toolkits › thirteen: is no CUDA toolkit, such as 13.6.0',
    'fleet.yaml:4:13: compatibility › toolkits › 13.6.0: is no driver version, such as 580.65.06',
    'fleet.yaml:6:18: compatibility › branches › 625 › cuda: is no CUDA version, such as 13.6',
    'fleet.yaml:6:39: compatibility › branches › 625 › supported-until: is no month, such as 2028-06',
    'fleet.yaml:8:12: compatibility › compat-packages › 13.6 › 0: is no driver branch, such as 580',
    'fleet.yaml:10:43: compatibility › gpus › X7 › class: is none of data-center, workstation, geforce, jetson',
    'fleet.yaml:11:3: compatibility › colours: is not known here',
  ]);
});
