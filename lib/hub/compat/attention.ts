import type { Fleet } from '../../fleet/index.ts';
import type { AttentionItem, JudgedContainer } from '../../model/index.ts';
import { cannotUseCuda } from './judged.ts';

/** Address of what the page Compatibility shows of an image. */
export const imageHref = ({ image, group }: Pick<JudgedContainer, 'image' | 'group'>): string =>
  image === null ? '/compat' : `/compat?${new URLSearchParams({ image, cell: group })}`;

/** For people: its name, its image where it has none, else the start of its id. */
export const containerWords = ({ name, image, id }: Pick<JudgedContainer, 'name' | 'image' | 'id'>): string =>
  name ?? image ?? id.slice(0, 12);

const sinceOf = ({ exit }: JudgedContainer): string | null => exit?.at ?? null;

/**
 * Whether a container's host says it already: by an alert, in maintenance, or gone, of which only that is told, since
 * what ran there when it was last heard of may run no more.
 */
export const spokenFor =
  (fleet: Pick<Fleet, 'summary'>, alerting: ReadonlySet<string>) =>
  ({ hostId }: Pick<JudgedContainer, 'hostId'>): boolean => {
    const host = fleet.summary(hostId);
    return alerting.has(hostId) || host?.maintenance != null || host?.state === 'gone';
  };

/** Containers that cannot use CUDA, one item a cause: an image in a group. */
export function compatAttention(
  findings: readonly JudgedContainer[],
  isSpokenFor: (container: JudgedContainer) => boolean,
): readonly AttentionItem[] {
  const bad = findings.filter((each) => cannotUseCuda(each) && !isSpokenFor(each));
  return [...Map.groupBy(bad, ({ image, group }) => `${image}\n${group}`).values()].flatMap(
    ([first, ...rest]): AttentionItem[] => {
      if (first === undefined) return [];
      const count = rest.length + 1;
      const who =
        count === 1
          ? `${first.hostname}: ${containerWords(first)} cannot use CUDA`
          : `${count} containers of ${first.image ?? 'an unknown image'} cannot use CUDA in ${first.group}`;
      return [
        {
          severity: 'critical',
          hostId: count === 1 ? first.hostId : null,
          text: `${who}: ${first.compat.text}`,
          since: [first, ...rest].flatMap((each) => sinceOf(each) ?? []).sort()[0] ?? null,
          href: imageHref(first),
        },
      ];
    },
  );
}
