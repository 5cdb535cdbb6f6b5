'use server';
import type { AttentionItem } from '../../lib/model/index.ts';
import { hub, requireActor } from '../hub.ts';

/** What needs a person now; the stream carries hosts, and the hub decides what they mean. */
export async function readAttention(): Promise<readonly AttentionItem[]> {
  return (await hub().getFleet(await requireActor())).attention;
}
