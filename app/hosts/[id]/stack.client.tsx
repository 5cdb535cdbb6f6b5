'use client';
import type { HostDetail, HostStack } from '../../../lib/model/index.ts';
import { Age } from '../../components/age.client.tsx';
import { FactGroups } from '../../components/facts.tsx';
import { Empty } from '../../components/page-parts.tsx';
import { Value } from '../../components/value.tsx';
import { Origin } from '../../provenance/provenance.client.tsx';
import { StackFacets } from './stack-facets.client.tsx';

const absent = 'not there, or not readable now: see Collection';

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

/** The layers that a container stands on against the group's baselines, and what else is known of the host's software. */
export function Stack({ host, serverTime }: { host: HostDetail; serverTime: string }) {
  const { stack } = host;
  if (stack === null) return <Empty title="Nothing is known of its software yet">No report has come.</Empty>;
  const groups = [
    {
      title: 'Driver',
      facts: [
        ['Kernel module (decides)', fact(stack, 'kernelDriverVersion', 'Kernel module (decides)')],
        ['Module flavour', fact(stack, 'kernelModuleFlavour', 'Module flavour')],
        ['User-space library', fact(stack, 'driverVersion', 'User-space library')],
      ],
    },
    {
      title: 'System',
      facts: [
        ['Operating system', fact(stack, 'osName', 'Operating system')],
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
      <StackFacets host={host} serverTime={serverTime} />
      <div className="border-t border-line">
        <FactGroups groups={groups} />
      </div>
    </>
  );
}
