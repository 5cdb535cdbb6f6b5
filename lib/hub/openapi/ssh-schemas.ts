import { z } from 'zod';
import { sshClients } from '../../model/index.ts';
import { inventoryFormats } from '../ssh/inventory/index.ts';

const time = z.iso.datetime();
const hostKey = z.object({
  place: z
    .string()
    .meta({ description: 'Whose key it is, as known_hosts writes it: of the host, or of a jump host.' }),
  type: z.string(),
  fingerprint: z.string(),
});
const settings = {
  address: z.string(),
  port: z.int(),
  user: z.string(),
  jumps: z.array(z.string()).meta({ description: '`[user@]host[:port]`, the nearest first.' }),
  keyId: z.string(),
  intervalSeconds: z.number().nullable(),
  client: z.enum(sshClients).meta({ description: '`openssh` for hosts that need certificates.' }),
};

export const sshTestSchema = z.object({
  at: time,
  steps: z.array(
    z.object({
      name: z.enum(['reachable', 'key-known', 'logged-in', 'shell', 'nvidia-smi', 'docker']),
      outcome: z.enum(['ok', 'failed', 'skipped']),
      text: z.string().nullable(),
    }),
  ),
  offeredKey: hostKey.nullable(),
});

export const sshHostSchema = z.object({
  id: z.string(),
  ...settings,
  source: z.enum(['hub', 'fleet-file']),
  keyName: z.string(),
  hostId: z.string().nullable(),
  hostname: z.string().nullable(),
  state: z.enum([
    'connecting',
    'reading',
    'waiting-for-key',
    'key-changed',
    'key-revoked',
    'failing',
    'stepped-back',
    'off',
  ]),
  condition: z.object({ code: z.string(), text: z.string(), since: time }).nullable(),
  notes: z.array(z.object({ code: z.string(), text: z.string() })),
  acceptedKey: hostKey.nullable(),
  offeredKey: hostKey.nullable().meta({ description: 'Shown now, and not trusted.' }),
  lastTest: sshTestSchema.nullable(),
  lastReadAt: time.nullable(),
});

export const sshKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['made', 'file', 'agent']),
  publicLine: z.string().nullable(),
  createdAt: time,
});

export const sshHostsSchema = z.object({ items: z.array(sshHostSchema), keys: z.array(sshKeySchema) });

export const sshLinesSchema = z.object({
  lines: z.array(
    z.object({
      line: z.int(),
      text: z.string(),
      settings: z.object(settings).nullable(),
      fault: z.string().nullable(),
    }),
  ),
  added: z.int(),
});

export const sshInstallsSchema = z.object({
  items: z.array(
    z.object({
      sshHostId: z.string(),
      state: z.enum(['queued', 'running', 'waiting', 'done', 'failed']),
      line: z.string().nullable(),
      startedAt: time,
      endedAt: time.nullable(),
      by: z.string(),
    }),
  ),
});

export const sshSettingsBody = z.strictObject({
  address: z.string().min(1).max(255),
  port: z.int().min(1).max(65_535).default(22),
  user: z.string().min(1).max(64),
  jumps: z.array(z.string().max(320)).max(8).default([]),
  keyId: z.string().max(64),
  intervalSeconds: z.number().min(1).max(3600).nullable().default(null),
  client: z.enum(sshClients).default('ssh2'),
});

export const sshManyBody = z.strictObject({
  text: z
    .string()
    .max(256 * 1024)
    .meta({ description: 'A host a line: `[user@]host[:port]`, with patterns such as gpu[001-120].' }),
  format: z
    .enum(inventoryFormats)
    .default('lines')
    .meta({ description: 'What the text is: lines, an ssh_config, or an inventory of Ansible.' }),
  user: z.string().min(1).max(64).meta({ description: 'Where a line says none.' }),
  keyId: z.string().max(64),
  jumps: z.array(z.string().max(320)).max(8).default([]),
  intervalSeconds: z.number().min(1).max(3600).nullable().default(null),
  client: z.enum(sshClients).default('ssh2'),
  preview: z.boolean().default(false),
});

export const sshAcceptBody = z.strictObject({
  fingerprint: z.string().max(128).meta({ description: 'Of the key that was compared: `SHA256:…`.' }),
});

export const sshKeyBody = z.strictObject({
  name: z.string().min(1).max(64),
  path: z
    .string()
    .max(4096)
    .nullable()
    .default(null)
    .meta({ description: 'A private key on the hub’s machine; null: the hub makes one.' }),
  passphrase: z.string().max(1024).nullable().default(null),
});

export const sshInstallBody = z.strictObject({
  hosts: z.array(z.string().max(64)).min(1).max(1000).meta({ description: 'Ids of SSH hosts.' }),
  access: z.enum(['gpu', 'containers', 'processes']).default('gpu'),
  origin: z.url({ protocol: /^https?$/ }).meta({ description: 'By which the caller reaches this hub.' }),
});
