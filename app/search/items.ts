import type { Alert, ContainerView, HostSummary } from '../../lib/model/index.ts';
import { findErrors, type KnownError, knownErrors } from '../../lib/troubles/index.ts';
import { containerHref } from '../containers/container-address.ts';
import type { Place } from '../places.ts';
import type { SearchAction } from './actions.ts';

export type SearchKind =
  | 'page'
  | 'action'
  | 'alert'
  | 'error'
  | 'host'
  | 'group'
  | 'label'
  | 'driver'
  | 'CUDA'
  | 'model'
  | 'image'
  | 'container'
  | 'GPU';

export interface SearchItem {
  readonly kind: SearchKind;
  readonly label: string;
  readonly detail: string;
  /** Where it leads, or what it does. */
  readonly target: { readonly href: string } | { readonly action: SearchAction };
  /** What it is found by beside label and detail, such as an id that nobody wants to read. */
  readonly also?: string;
}

const to = (path: string, query?: string) => ({
  href: query === undefined ? path : `${path}?q=${encodeURIComponent(query)}`,
});

export const placeItem = ({ label, detail, href }: Place): SearchItem => ({
  kind: 'page',
  label,
  detail,
  target: { href },
});

export const actionItem = (action: SearchAction): SearchItem => ({
  kind: 'action',
  label: action.label,
  detail: action.detail,
  target: { action },
});

const errorItem = ({ slug, title, says }: KnownError, text: string): SearchItem => ({
  kind: 'error',
  label: title,
  detail: 'cause, fix and who has it',
  target: { href: `/errors/${slug}${text === '' ? '' : `?${new URLSearchParams({ text })}`}` },
  also: says.join(' '),
});

/** Every error that is known, found by the words of its texts. */
export const errorItems = (): readonly SearchItem[] => knownErrors.map((error) => errorItem(error, ''));

const longestPasted = 1000;
const mostPasted = 4;

/** The errors that a pasted text tells of; it goes with the address, so that a ticket shows what was asked. */
export const pastedErrors = (text: string): readonly SearchItem[] =>
  findErrors(text)
    .slice(0, mostPasted)
    .map(({ error }) => errorItem(error, text.trim().slice(0, longestPasted)));

function hostItem(host: HostSummary): SearchItem {
  const detail = host.state === 'ok' ? host.group : `${host.group} · ${host.stateReason}`;
  const labels = host.labels.map(({ key, value }) => `${key}=${value}`);
  const also = [host.state, host.driverVersion, host.cudaVersion, host.id, ...labels].join(' ');
  return {
    kind: 'host',
    label: host.hostname,
    detail,
    target: to(`/hosts/${encodeURIComponent(host.id)}`),
    also,
  };
}

/** An alert that is not over, found by what it says, its rule and its hosts. */
export function alertItem(alert: Alert): SearchItem {
  const { id, what, rule, severity, phase, quiet, cause, hosts } = alert;
  const state = phase === 'firing' && quiet !== null ? `firing, ${quietWords[quiet.kind]}` : phase;
  return {
    kind: 'alert',
    label: what,
    detail: `${state} · ${severity} · ${rule}`,
    target: to(`/alerts/${encodeURIComponent(id)}`),
    also: [cause, ...hosts.map(({ hostname }) => hostname)].join(' '),
  };
}

const quietWords = {
  silence: 'silenced',
  maintenance: 'in maintenance',
  inhibited: 'kept quiet',
  'out-of-service': 'out of service',
} as const;

function gpuItems(host: HostSummary): readonly SearchItem[] {
  return host.gpus.map((gpu) => ({
    kind: 'GPU',
    label: `${host.hostname} GPU ${gpu.index ?? '?'}`,
    detail: gpu.name?.replace(/^NVIDIA /, '') ?? 'unknown model',
    target: to(`/gpus/${encodeURIComponent(gpu.uuid)}`),
    also: gpu.state === 'ok' ? gpu.uuid : `${gpu.uuid} ${gpu.state}`,
  }));
}

export function containerItem(container: ContainerView): SearchItem {
  const id = container.id.slice(0, 12);
  return {
    kind: 'container',
    label: container.name ?? id,
    detail: `${container.image ?? 'unknown image'} on ${container.hostname}`,
    target: { href: containerHref(container) },
    also: [container.id, container.namespace, container.pod].join(' '),
  };
}

interface Counted {
  readonly kind: SearchKind;
  readonly unit: string;
  readonly path: string;
  /** What is filtered for, by the name that is shown. */
  readonly query: (name: string) => string;
}

function countedItems({ kind, unit, path, query }: Counted, names: readonly string[]): SearchItem[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({
    kind,
    label: name,
    detail: `${count} ${unit}${count === 1 ? '' : 's'}`,
    target: to(path, query(name)),
  }));
}

const same = (name: string) => name;

/** Everything of the fleet that has a page or a filter, hosts first. */
export function fleetItems(hosts: readonly HostSummary[]): readonly SearchItem[] {
  const labels = hosts.flatMap((host) => host.labels.map(({ key, value }) => `${key}=${value}`));
  const models = hosts.flatMap((host) =>
    host.gpus.flatMap(({ name }) => (name === null ? [] : [name.replace(/^NVIDIA /, '')])),
  );
  return [
    ...hosts.map(hostItem),
    ...countedItems(
      { kind: 'label', unit: 'host', path: '/hosts', query: same },
      labels.filter((text) => !text.startsWith('group=')),
    ),
    ...countedItems(
      { kind: 'group', unit: 'host', path: '/hosts', query: same },
      hosts.map(({ group }) => group),
    ),
    ...countedItems(
      { kind: 'driver', unit: 'host', path: '/hosts', query: same },
      hosts.flatMap(({ driverVersion }) => driverVersion ?? []),
    ),
    ...countedItems(
      { kind: 'CUDA', unit: 'host', path: '/hosts', query: same },
      hosts.flatMap(({ cudaVersion }) => cudaVersion ?? []),
    ),
    ...countedItems({ kind: 'model', unit: 'GPU', path: '/gpus', query: same }, models),
    ...hosts.flatMap(gpuItems),
  ];
}

/** Containers, and the images that they run. */
export function containerItems(containers: readonly ContainerView[]): readonly SearchItem[] {
  const images = containers.flatMap(({ image }) => image ?? []);
  return [
    ...countedItems({ kind: 'image', unit: 'container', path: '/containers', query: same }, images),
    ...containers.map(containerItem),
  ];
}
