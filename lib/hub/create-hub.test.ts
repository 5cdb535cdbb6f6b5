import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test } from 'vitest';
import { type HubConfig, readHubConfig } from '../config/hub-config.ts';
import { createHub } from './create-hub.ts';

const folder = mkdtempSync(join(tmpdir(), 'gpufleet-create-hub-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function config(): HubConfig {
  const read = readHubConfig(['--data', folder], {}, () => '');
  if (!read.ok) throw new Error(read.faults.join());
  return read.config;
}

/** Writes beside the hub that is not running. */
function write(sql: string): void {
  const db = new DatabaseSync(join(folder, 'state.sqlite'));
  db.exec(sql);
  db.close();
}

test('a start that goes wrong after the stores were opened leaves them free for the next', async () => {
  await (await createHub(config(), 'test')).close();
  // What no version writes, read after state and history are open.
  const columns = 'id, hostname, enrolled_at, agent_labels, hub_labels';
  write(`INSERT INTO hosts (${columns}) VALUES ('h', 'h', '2026-01-01T00:00:00.000Z', 'no JSON', '{}')`);
  await expect(createHub(config(), 'test')).rejects.toThrow();
  await expect(createHub(config(), 'test')).rejects.not.toThrow(/in use|locked|running/);
  write("DELETE FROM hosts WHERE id = 'h'");
  const hub = await createHub(config(), 'test');
  expect(hub.context.fleet.summaries()).toEqual([]);
  await hub.close();
});
