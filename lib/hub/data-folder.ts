import { join } from 'node:path';
import type { KnownDatabase } from '../backup/manifest.ts';
import { makePrivateFolder } from '../config/private-folder.ts';
import { historyMigrations } from '../history/sqlite/migrations.ts';
import { createSqliteState } from '../state/sqlite/index.ts';
import { stateMigrations } from '../state/sqlite/migrations/index.ts';
import { type StateStore, StoreError } from '../state/state-store.ts';
import { sealerOf } from './sealed.ts';

/** Setting under which a command beside the hub finds its address. */
export const originSetting = 'origin';

/** State of a data folder for a command that works beside a hub which may be running. Rejects with StoreError. */
export const openGuestState = (dataFolder: string): Promise<StateStore> =>
  createSqliteState({
    path: join(dataFolder, 'state.sqlite'),
    role: 'guest',
    secrets: sealerOf(dataFolder),
  });

/** The same for a folder that no hub has used yet: makes and migrates it. Rejects with StoreError. */
export async function openOwnState(dataFolder: string): Promise<StateStore> {
  try {
    makePrivateFolder(dataFolder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError('unwritable', `the data folder ${dataFolder} cannot be made (${why})`, {
      cause: error,
    });
  }
  const secrets = sealerOf(dataFolder);
  return createSqliteState({ path: join(dataFolder, 'state.sqlite'), role: 'own', secrets });
}

/** What a backup of a data folder copies, in the order of the moments: the state knows every host that the history has. */
export const hubDatabases: readonly KnownDatabase[] = [
  { name: 'history.sqlite', kind: 'gpfh', schema: historyMigrations.length },
  { name: 'state.sqlite', kind: 'gpfs', schema: stateMigrations.length },
];
