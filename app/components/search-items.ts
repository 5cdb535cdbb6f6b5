import type { ContainerView, HostSummary } from '../../lib/model/index.ts';

export interface SearchItem {
  readonly kind: 'page' | 'host' | 'GPU' | 'container';
  readonly label: string;
  readonly detail: string;
  readonly href: string;
}

const pages: readonly SearchItem[] = [
  { kind: 'page', label: 'Fleet', detail: 'every GPU a cell', href: '/' },
  { kind: 'page', label: 'Hosts', detail: 'table of hosts', href: '/hosts' },
  { kind: 'page', label: 'GPUs', detail: 'table of GPUs', href: '/gpus' },
  { kind: 'page', label: 'Containers', detail: 'who uses GPUs', href: '/containers' },
  { kind: 'page', label: 'Add host', detail: 'command for a new host', href: '/hosts/add' },
];

const most = 12;

function hostItem(host: HostSummary): SearchItem {
  const detail = `${host.group} · ${host.stateReason}`;
  return { kind: 'host', label: host.hostname, detail, href: `/hosts/${encodeURIComponent(host.id)}` };
}

function gpuItems(host: HostSummary): SearchItem[] {
  return host.gpus.map((gpu) => ({
    kind: 'GPU',
    label: `${host.hostname} GPU ${gpu.index ?? '?'}`,
    detail: `${gpu.name ?? 'unknown model'} · ${gpu.uuid}`,
    href: `/gpus/${encodeURIComponent(gpu.uuid)}`,
  }));
}

export function containerItem(container: ContainerView): SearchItem {
  return {
    kind: 'container',
    label: container.name ?? container.id.slice(0, 12),
    detail: `${container.image ?? 'unknown image'} on ${container.hostname}`,
    href: `/containers?q=${encodeURIComponent(container.id.slice(0, 12))}`,
  };
}

function matches(item: SearchItem, words: readonly string[]): boolean {
  const text = `${item.kind} ${item.label} ${item.detail}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** 0: the label starts with the text; 1: it holds its words; 2: they are elsewhere; null: some word is nowhere. */
function rankOf(item: SearchItem, wanted: string, words: readonly string[]): 0 | 1 | 2 | null {
  const label = item.label.toLowerCase();
  if (label.startsWith(wanted)) return 0;
  if (words.every((word) => label.includes(word))) return 1;
  return matches(item, words) ? 2 : null;
}

/** Every word must be somewhere; what has the text in its label comes first. At most twelve. */
export function findItems(text: string, hosts: readonly HostSummary[]): readonly SearchItem[] {
  const wanted = text.trim().toLowerCase().replace(/\s+/g, ' ');
  const words = wanted.split(' ').filter((word) => word !== '');
  if (words.length === 0) return [...pages, ...hosts.slice(0, most - pages.length).map(hostItem)];
  const ranked: readonly SearchItem[][] = [[], [], []];
  const take = (item: SearchItem) => {
    const rank = rankOf(item, wanted, words);
    const list = rank === null ? undefined : ranked[rank];
    if (list !== undefined && list.length < most) list.push(item);
  };
  pages.forEach(take);
  for (const host of hosts) take(hostItem(host));
  for (const host of hosts) gpuItems(host).forEach(take);
  return ranked.flat().slice(0, most);
}
