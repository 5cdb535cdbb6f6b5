'use client';
import type { HostDetail, HostStack } from '../../../lib/model/index.ts';
import { Age } from '../../components/age.client.tsx';
import { FactGroups } from '../../components/facts.tsx';
import { Empty } from '../../components/page-parts.tsx';
import { Value } from '../../components/value.tsx';
import { Origin } from '../../provenance/provenance.client.tsx';

const absent = 'not there, or not readable: see Collection';

function text(value: string | null) {
  return (
    <Value
      value={value}
      format={(words) => <span className="whitespace-normal">{words}</span>}
      reason={absent}
    />
  );
}

/** A fact by its name in the stack, which opens to where it was read. */
function fact(stack: HostStack, field: keyof HostStack, label: string) {
  return <Origin of={{ kind: 'host', field, label }}>{text(stack[field])}</Origin>;
}

/** The layers that a container stands on: host driver, toolkit, engine, system. */
export function Stack({ host, serverTime }: { host: HostDetail; serverTime: string }) {
  const { stack } = host;
  if (stack === null) return <Empty title="Nothing is known of its software yet">No report has come.</Empty>;
  const differs =
    stack.driverVersion !== null &&
    stack.kernelDriverVersion !== null &&
    stack.driverVersion !== stack.kernelDriverVersion;
  const containerCuda = [...new Set(host.containers.map((container) => container.cudaVersion ?? 'not told'))];
  const groups = [
    {
      title: 'Driver',
      facts: [
        ['Kernel module (decides)', fact(stack, 'kernelDriverVersion', 'Kernel module (decides)')],
        ['Module flavour', fact(stack, 'kernelModuleFlavour', 'Module flavour')],
        ['User-space library', fact(stack, 'driverVersion', 'User-space library')],
        ['CUDA it supports', fact(stack, 'cudaVersion', 'CUDA it supports')],
      ],
    },
    {
      title: 'Containers',
      facts: [
        ['NVIDIA Container Toolkit', fact(stack, 'containerToolkitVersion', 'NVIDIA Container Toolkit')],
        ['Docker', fact(stack, 'dockerVersion', 'Docker')],
        ['CUDA inside', text(containerCuda.length === 0 ? null : containerCuda.join(', '))],
      ],
    },
    {
      title: 'System',
      facts: [
        ['Operating system', fact(stack, 'osName', 'Operating system')],
        ['Kernel', fact(stack, 'kernelVersion', 'Kernel')],
        ['Architecture', fact(stack, 'architecture', 'Architecture')],
        [
          'Booted',
          <Origin key="boot" of={{ kind: 'host', field: 'bootedAt', label: 'Boot time' }}>
            <Age at={stack.bootedAt} serverTime={serverTime} />
          </Origin>,
        ],
      ],
    },
  ] as const;
  return (
    <>
      {differs ? (
        <p className="border-b border-line px-4 py-2 text-warn">
          The kernel module is {stack.kernelDriverVersion} and the user-space library {stack.driverVersion}:
          the driver was updated and the module not reloaded, or a compat package is in use.
        </p>
      ) : null}
      <FactGroups groups={groups} />
    </>
  );
}
