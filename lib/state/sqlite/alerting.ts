import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../../sqlite/open-database.ts';
import type { AlertRecord, DeliveryRecord } from '../alerts.ts';
import type { StateSecrets } from '../state-store.ts';
import { createAlertTables } from './alerts.ts';
import { createChannelTables } from './channels.ts';
import { createSilenceTables } from './silences.ts';

/** Alerts, what keeps them quiet, and who is told. */
export function createAlertingTables(db: DatabaseSync, secrets: StateSecrets | null) {
  const alerts = createAlertTables(db);
  const silences = createSilenceTables(db);
  const channels = createChannelTables(db, secrets);
  return {
    ...alerts.tables,
    ...silences.tables,
    ...channels.tables,
    changeAlerts: (change: {
      readonly put: readonly AlertRecord[];
      readonly removed: readonly string[];
      readonly queued: readonly DeliveryRecord[];
    }): void =>
      inTransaction(db, () => {
        for (const id of change.removed) alerts.remove(id);
        for (const alert of change.put) alerts.put(alert);
        for (const delivery of change.queued) channels.tables.putDelivery(delivery);
      }),
    pruneAlerts: (before: string): void =>
      inTransaction(db, () => {
        alerts.prune(before);
        silences.prune(before);
        channels.prune(before);
      }),
  };
}
