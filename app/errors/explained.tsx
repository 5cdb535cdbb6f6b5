import Link from 'next/link';
import type { ExplainedError } from '../../lib/model/index.ts';
import { FixLines } from '../components/fix-lines.client.tsx';
import { Panel } from '../components/page-parts.tsx';
import { SimpleTable } from '../components/simple-table.tsx';
import { plural } from '../format/index.ts';

function Hosts({ error }: { error: ExplainedError }) {
  const { hosts, hostsInAll, hostsAre } = error;
  if (hosts.length === 0)
    return (
      <p className="px-4 py-3 text-muted">
        {hostsInAll === 0
          ? 'No host reports here yet.'
          : `None of ${plural(hostsInAll, 'host')} ${hostsAre}.`}
      </p>
    );
  return (
    <SimpleTable
      caption={`Hosts that ${hostsAre}`}
      columns={[
        { header: 'Host', card: 'title' },
        { header: 'Group', card: 'labelled' },
        { header: 'Why', card: 'labelled' },
      ]}
      rows={hosts.map(({ id, hostname, group, why }) => ({
        key: id,
        cells: [
          <Link key="host" href={`/hosts/${encodeURIComponent(id)}`} className="text-accent underline">
            {hostname}
          </Link>,
          group,
          <span key="why" className="break-words">
            {why}
          </span>,
        ],
      }))}
    />
  );
}

const basisWords: Readonly<Record<ExplainedError['basis'], string>> = {
  printed: 'The text is from recordings of such hosts; more of it in',
  documented: 'Known from',
  reported: 'Less sure: from what people report, as in',
};

/** Cause, way out, and who has it. */
export function Explained({ error }: { error: ExplainedError }) {
  const { cause, fix, says, source, basis, hosts, asked, hostsAre } = error;
  return (
    <div className="grid gap-4">
      <Panel title="Cause">
        <p className="max-w-prose px-4 py-3">{cause}</p>
        {asked === null ? null : (
          <p className="px-4 pb-3 text-muted">
            The text asks for <strong className="font-medium text-text">{asked}</strong>.
          </p>
        )}
      </Panel>
      <Panel title="What to do">
        <div className="px-4 py-3">
          <FixLines lines={fix} />
        </div>
      </Panel>
      <Panel title={hosts.length === 0 ? 'Hosts' : `${plural(hosts.length, 'host')} that ${hostsAre}`}>
        <Hosts error={error} />
      </Panel>
      <Panel title="As tools print it">
        <ul className="grid gap-1 px-4 py-3">
          {says.map((text) => (
            <li key={text} className="break-words font-mono text-[13px]">
              {text}
            </li>
          ))}
        </ul>
        <p className="break-all px-4 pb-3 text-muted">
          {basisWords[basis]}{' '}
          <a href={source} rel="noreferrer" className="text-accent underline">
            {source}
          </a>
        </p>
      </Panel>
    </div>
  );
}
