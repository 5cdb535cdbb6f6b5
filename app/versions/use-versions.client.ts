'use client';
import type { VersionsView } from '../../lib/model/index.ts';
import { type Polled, usePolled } from './use-polled.client.ts';

const isSame = (a: VersionsView, b: VersionsView): boolean => a.revision === b.revision;

/** GET /api/v1/versions, again every five seconds while someone looks; see usePolled. */
export const useVersions = (path: string | null, initial: VersionsView | null): Polled<VersionsView> =>
  usePolled(path, initial, { isSame });
