import { parseDriverVersion } from '../../../../lib/host-facts/index.ts';
import type { Form } from '../form.ts';

export const driverVersion: Form = {
  kind: 'driver-version',
  matches: (text) => /^NVRM version:.*Kernel Module/m.test(text.slice(0, 4096)),
  read(text) {
    const { version, flavour } = parseDriverVersion(text);
    const problems =
      version === null
        ? [{ field: 'driver-version:', text: text.slice(0, 200), message: 'names no version of the module' }]
        : [];
    return { driverVersion: version, kernelDriverVersion: version, kernelModuleFlavour: flavour, problems };
  },
};
