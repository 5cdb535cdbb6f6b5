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

/** Every word must be somewhere; labels that start with the text come first. At most twelve. */
export function findItems(text: string, hosts: readonly HostSummary[]): readonly SearchItem[] {
  const wanted = text.trim().toLowerCase();
  const words = wanted.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [...pages, ...hosts.slice(0, most - pages.length).map(hostItem)];
  const found: SearchItem[] = [];
  const take = (item: SearchItem) => {
    if (matches(item, words)) found.push(item);
  };
  pages.forEach(take);
  hosts.forEach((host) => {
    take(hostItem(host));
  });
  for (const host of hosts) {
    if (found.length >= most * 4) break;
    gpuItems(host).forEach(take);
  }
  const rank = (item: SearchItem) => (item.label.toLowerCase().startsWith(wanted) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b)).slice(0, most);
}
