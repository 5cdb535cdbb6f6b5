import type { Channel } from '../../model/index.ts';
import type { Notifier } from './notifier.ts';
import { webhook } from './webhook/index.ts';

export * from './notifier.ts';

/** Every kind of channel. */
export const notifiers: Readonly<Record<Channel['kind'], Notifier>> = { webhook };
