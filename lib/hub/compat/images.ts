import { withoutObserved } from '../../cuda-compat/index.ts';
import type { Fleet } from '../../fleet/index.ts';
import type { CompatContainer, HostSummary, Report } from '../../model/index.ts';
import { type AnyContainer, compatContainerOf, cudaOf } from './facts.ts';

/** An image that hosts of the fleet have in use, or had in a container that failed. */
export interface FleetImage {
  readonly reference: string;
  readonly imageId: string | null;
  /** As one of its containers tells it; how the GPU gets in is each host's own way. */
  readonly container: CompatContainer;
  readonly cudaFrom: string | null;
  /** Group of each running container's host, those of hosts that are gone left out; and number of failed ones. */
  readonly runningIn: readonly string[];
  readonly failed: number;
}

/** Hosts of which something is known, with their last report. */
export function* reportingHosts(
  fleet: Fleet,
): Iterable<{ readonly host: HostSummary; readonly report: Report }> {
  for (const host of fleet.summaries()) {
    const last = fleet.lastReport(host.id);
    if (last !== null) yield { host, report: last.report };
  }
}

/** How much a container tells of its image: one that was looked into tells most. */
function weightOf({ cuda, requirements }: AnyContainer): number {
  return (
    Number(requirements != null) +
    2 * Number(cudaOf(cuda?.evidence ?? []) !== null) +
    4 * Number(cuda?.isLookedInto === true)
  );
}

interface Gathered {
  best: AnyContainer;
  weight: number;
  readonly runningIn: string[];
  failed: number;
}

/** One line an image: by its id where that is told, since a tag moves from image to image. */
export function fleetImages(fleet: Fleet): readonly FleetImage[] {
  const found = new Map<string, Gathered>();
  const byName = new Map<string | null, string>();
  const take = (container: AnyContainer, host: HostSummary, isFailed: boolean): void => {
    if (container.image === null && container.imageId === null) return;
    // Of one that was removed before anyone looked the id is not known: it is taken for the image of that name.
    const sameName = container.imageId === null ? byName.get(container.image) : undefined;
    const key = sameName ?? `${container.image}\n${container.imageId}`;
    if (container.imageId !== null) byName.set(container.image, key);
    const weight = weightOf(container);
    const known = found.get(key) ?? { best: container, weight, runningIn: [], failed: 0 };
    found.set(key, known);
    if (weight > known.weight) Object.assign(known, { best: container, weight });
    if (isFailed) known.failed += 1;
    else if (host.state !== 'gone') known.runningIn.push(host.group);
  };
  const all = [...reportingHosts(fleet)].flatMap(({ host, report }) => [
    ...report.containers.map((container) => ({ container, host, isFailed: false })),
    ...(report.failedContainers ?? []).map((container) => ({ container, host, isFailed: true })),
  ]);
  const isNamedOnly = ({ container }: (typeof all)[number]): boolean => container.imageId === null;
  for (const each of [...all.filter((one) => !isNamedOnly(one)), ...all.filter(isNamedOnly)])
    take(each.container, each.host, each.isFailed);
  return [...found.values()]
    .map(({ best, runningIn, failed }) => ({
      reference: best.image ?? best.imageId ?? '',
      imageId: best.imageId,
      container: { ...withoutObserved(compatContainerOf(best)), injection: null },
      cudaFrom: cudaOf(best.cuda?.evidence ?? [])?.from ?? null,
      runningIn,
      failed,
    }))
    .sort((a, b) => (a.reference < b.reference ? -1 : a.reference > b.reference ? 1 : 0));
}

const defaultTag = ':latest';
const withoutHub = (reference: string): string =>
  reference.replace(/^(?:docker\.io\/)(?:library\/)?/, '').replace(/:latest$/, '');

/** Those that a reference may mean: the same name, or an id (or its start, at least 12 hex digits). */
export function imagesNamed(images: readonly FleetImage[], reference: string): readonly FleetImage[] {
  const wanted = withoutHub(reference.trim());
  const id = /^(?:sha256:)?([0-9a-f]{12,64})$/.exec(wanted)?.[1];
  return images.filter(
    (image) =>
      withoutHub(image.reference) === wanted ||
      `${image.reference}${defaultTag}` === wanted ||
      (id !== undefined && image.imageId?.replace('sha256:', '').startsWith(id) === true),
  );
}
