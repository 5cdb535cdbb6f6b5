import type { SshHostLine } from '../../../model/index.ts';
import { type LineDefaults, mostHosts, readHostLines, readPlace, settingsOf } from '../host-lines.ts';
import { readAnsibleIni } from './ansible-ini.ts';
import { readAnsibleYaml } from './ansible-yaml.ts';
import type { InventoryFormat, InventoryItem } from './entry.ts';
import { readSshConfig } from './ssh-config.ts';

export { type InventoryFormat, inventoryFormats } from './entry.ts';

function lineOf(item: InventoryItem, defaults: LineDefaults): SshHostLine {
  if ('fault' in item) return { line: item.line, text: item.text, settings: null, fault: item.fault };
  const { user } = defaults;
  const { line, name, address, port } = item;
  const jumps = item.jumps.length > 0 ? item.jumps : defaults.jumps;
  try {
    const host = address.includes(':') ? `[${address}]` : address;
    const place = readPlace(`${item.user ?? user}@${host}${port === null ? '' : `:${port}`}`, user);
    for (const jump of jumps) readPlace(jump, user);
    return { line, text: name, settings: settingsOf(place, { ...defaults, jumps }), fault: null };
  } catch (error) {
    return { line, text: name, settings: null, fault: `${name}: ${(error as Error).message}` };
  }
}

/** The hosts of a text: a host a line, an ssh_config, or an inventory of Ansible. Keys are the hub's own, never the text's. */
export function readInventory(
  format: InventoryFormat,
  text: string,
  defaults: LineDefaults,
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
