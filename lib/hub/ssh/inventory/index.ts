import type { SshHostLine } from '../../../model/index.ts';
import { mostHosts, readHostLines, readPlace } from '../host-lines.ts';
import { readAnsibleIni } from './ansible-ini.ts';
import { readAnsibleYaml } from './ansible-yaml.ts';
import type { InventoryFormat, InventoryItem } from './entry.ts';
import { readSshConfig } from './ssh-config.ts';

export { type InventoryFormat, inventoryFormats } from './entry.ts';

interface Defaults {
  readonly user: string;
  readonly keyId: string;
}

function lineOf(item: InventoryItem, { user, keyId }: Defaults): SshHostLine {
  if ('fault' in item) return { line: item.line, text: item.text, settings: null, fault: item.fault };
  const { line, name, address, port, jumps } = item;
  try {
    const host = address.includes(':') ? `[${address}]` : address;
    const place = readPlace(`${item.user ?? user}@${host}${port === null ? '' : `:${port}`}`, user);
    for (const jump of jumps) readPlace(jump, user);
    return { line, text: name, settings: { ...place, jumps, keyId, intervalSeconds: null }, fault: null };
  } catch (error) {
    return { line, text: name, settings: null, fault: `${name}: ${(error as Error).message}` };
  }
}

/** The hosts of a text: a host a line, an ssh_config, or an inventory of Ansible. Keys are the hub's own, never the text's. */
export function readInventory(
  format: InventoryFormat,
  text: string,
  defaults: Defaults,
): readonly SshHostLine[] {
  if (format === 'lines') return readHostLines(text, defaults);
  const items =
    format === 'ssh-config'
      ? readSshConfig(text)
      : format === 'ansible-ini'
        ? readAnsibleIni(text, mostHosts)
        : readAnsibleYaml(text, mostHosts);
  if (items.length > mostHosts)
    return [{ line: 1, text: '', settings: null, fault: `more than ${mostHosts} hosts` }];
  return items.map((item) => lineOf(item, defaults)).toSorted((a, b) => a.line - b.line);
}
