'use client';
import type { HostDetail } from '../../../lib/model/index.ts';
import { Age } from '../../components/age.client.tsx';
import { FactGroups } from '../../components/facts.tsx';
import { Empty } from '../../components/page-parts.tsx';
import { Value } from '../../components/value.tsx';

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
        ['Kernel module (decides)', text(stack.kernelDriverVersion)],
        ['Module flavour', text(stack.kernelModuleFlavour)],
        ['User-space library', text(stack.driverVersion)],
        ['CUDA it supports', text(stack.cudaVersion)],
      ],
    },
    {
      title: 'Containers',
      facts: [
        ['NVIDIA Container Toolkit', text(stack.containerToolkitVersion)],
        ['Docker', text(stack.dockerVersion)],
        ['CUDA inside', text(containerCuda.length === 0 ? null : containerCuda.join(', '))],
      ],
    },
    {
      title: 'System',
      facts: [
        ['Operating system', text(stack.osName)],
        ['Kernel', text(stack.kernelVersion)],
        ['Architecture', text(stack.architecture)],
        ['Booted', <Age key="boot" at={stack.bootedAt} serverTime={serverTime} />],
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
