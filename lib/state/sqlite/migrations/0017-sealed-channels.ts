import type { Migration } from '../../../sqlite/open-database.ts';

/** Nothing of the tables changes, but what channels hold does: an older gpufleet would take what is sealed for an address. */
export const sealedChannels: Migration = { name: 'sealed-channels', sql: 'SELECT 1;' };
