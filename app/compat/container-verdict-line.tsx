import Link from 'next/link';
import type { ContainerView } from '../../lib/model/index.ts';
import { VerdictMark } from './verdict-mark.tsx';
import { compatHref } from './words.ts';

/** Whether a container can use CUDA where it is, why, and how it got its GPU. */
export function ContainerVerdictLine({ container }: { container: ContainerView }) {
  const { compat, image, group, injection, cuda } = container;
  if (compat === null) return null;
  const notes = [
    ...(compat.isContradicted ? ['It has processes on a GPU all the same.'] : []),
    ...compat.missing,
    ...(injection == null ? [] : [`How it got its GPU: ${injection.reason}.`]),
    ...(cuda?.problem == null ? [] : [`Not looked into: ${cuda.problem}.`]),
  ];
  return (
    <div className="pt-2" data-testid="verdict-line">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <VerdictMark verdict={compat.verdict} className="font-medium" />
        <span className="break-words">{compat.text}</span>
        {image === null ? null : (
          <Link href={compatHref({ image, cell: group })} prefetch={false} className="text-accent underline">
            Reasons and fixes
          </Link>
        )}
      </p>
      {notes.map((note) => (
        <p key={note} className="break-words text-xs text-muted">
          {note}
        </p>
      ))}
    </div>
  );
}
