import clsx from 'clsx';
import {
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleX,
  Hourglass,
  KeyRound,
  type LucideIcon,
  OctagonX,
} from 'lucide-react';
import type { SshHostState } from '../../../lib/model/index.ts';
import { sshStateWords } from './ssh-words.ts';

const icons: Readonly<Record<SshHostState, LucideIcon>> = {
  connecting: Hourglass,
  reading: CircleCheck,
  'waiting-for-key': KeyRound,
  'key-changed': OctagonX,
  'key-revoked': OctagonX,
  failing: CircleX,
  'stepped-back': CirclePause,
  off: CircleDashed,
};

const tones = {
  quiet: 'text-muted',
  warning: 'text-warn font-medium',
  critical: 'text-crit font-medium',
} as const;

/** How the hub stands with an SSH host: a shape and words. */
export function SshStateBadge({ state }: { state: SshHostState }) {
  const { word, tone, says } = sshStateWords[state];
  const Icon = icons[state];
  return (
    <span
      data-testid="ssh-state"
      title={says}
      className={clsx('inline-flex items-baseline gap-1 whitespace-nowrap', tones[tone])}
    >
      <Icon className="size-3.5 shrink-0 translate-y-[0.15rem]" aria-hidden />
      {word}
    </span>
  );
}
