'use client';
import type { HostSummary } from '../../lib/model/index.ts';
import { useLive, useTopic } from '../stream/hooks.client.ts';
import type { LiveState } from '../stream/live-store.client.ts';
import { type HostTags, sameTags } from './host-tags.ts';

let told: { readonly of: readonly HostSummary[]; readonly tags: readonly HostTags[] } | null = null;

/** The same array while no host's tags changed: reports come every second, and no page is drawn anew for them. */
function selectTags({ hosts }: LiveState): readonly HostTags[] | null {
  if (hosts === null) return null;
  if (told?.of === hosts) return told.tags;
  told = { of: hosts, tags: told !== null && sameTags(told.tags, hosts) ? told.tags : hosts };
  return told.tags;
}

/** The fleet's hosts with their groups and labels, live; what the server rendered until the stream has them. */
export function useHostTags(first: readonly HostTags[]): readonly HostTags[] {
  useTopic('fleet');
  return useLive(selectTags, null) ?? first;
}
