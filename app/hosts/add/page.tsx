import type { Metadata } from 'next';
import Link from 'next/link';
import { PageTitle, Panel } from '../../components/page-parts.tsx';
import { requireActor } from '../../hub.ts';
import { AddHost } from './add-host.tsx';

export const metadata: Metadata = { title: 'Add host' };

export default async function AddHostPage() {
  const actor = await requireActor();
  return (
    <>
      <PageTitle>Add host</PageTitle>
      <Panel title="One command on the host" className="max-w-4xl">
        <div className="p-4">
          <AddHost actor={actor} />
        </div>
      </Panel>
      <p className="mt-4 text-muted">
        No agent allowed there? The hub can{' '}
        <Link href="/hosts/ssh" className="text-accent underline">
          read hosts over SSH
        </Link>
        .
      </p>
    </>
  );
}
