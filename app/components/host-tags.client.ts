'use client';
import type { HostSummary, Labelled } from '../../lib/model/index.ts';
import { useLive, useTopic } from '../stream/hooks.client.ts';
import type { LiveState } from '../stream/live-store.client.ts';
import type { HostTags } from './host-tags.ts';

const selectHosts = (state: LiveState) => state.hosts;

/** The fleet's hosts with their groups and labels, live; what the server rendered until the stream has them. */
export function useHostTags(
  first: readonly HostTags[],
): readonly (Labelled & Pick<HostSummary, 'id' | 'gpus'>)[] {
  useTopic('fleet');
  return useLive(selectHosts, null) ?? first;
}
