'use client';
import { compareDriver, type HostDetail, type HostStack } from '../../../lib/model/index.ts';
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

const comparisonWords = {
  same: 'the same version',
  'same-as-told': 'the same, as far as the library tells its version',
  different: 'not the same version: reboot, or reload the module',
} as const;

/** Whether module and library fit, in words: two version texts that look alike do not say it. */
function Comparison({ host, stack }: { host: HostDetail; stack: HostStack }) {
  const found = host.failure?.code === 'version-mismatch' ? 'different' : compareDriver(stack);
  if (found === null)
    return <Value value={null} format={String} reason="one of the two is not told now: see Collection" />;
  return (
    <span className={found === 'different' ? 'font-medium text-crit' : undefined}>
      {comparisonWords[found]}
    </span>
  );
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
        ['Module and library', <Comparison key="same" host={host} stack={stack} />],
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
