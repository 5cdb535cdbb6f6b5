import type { Metadata } from 'next';
import { hub, orNotFound, requireActor } from '../../hub.ts';
import { GpuView } from './gpu-view.client.tsx';

interface GpuPageProps {
  readonly params: Promise<{ readonly uuid: string }>;
}

async function load({ params }: GpuPageProps) {
  const [actor, { uuid }] = await Promise.all([requireActor(), params]);
  const gpu = await orNotFound(hub().getGpu(actor, decodeURIComponent(uuid)));
  return { actor, gpu, host: await orNotFound(hub().getHost(actor, gpu.hostId)) };
}

export async function generateMetadata(props: GpuPageProps): Promise<Metadata> {
  const { gpu } = await load(props);
  return { title: `${gpu.hostname} GPU ${gpu.index ?? '?'}` };
}

export default async function GpuPage(props: GpuPageProps) {
  const { actor, gpu, host } = await load(props);
  return (
    <GpuView
      uuid={gpu.uuid ?? ''}
      initial={host}
      origins={await hub().getFieldOrigins(actor)}
      serverTime={new Date().toISOString()}
    />
  );
}
