import { createHash } from 'node:crypto';
import type { TemplateGpu } from './template.ts';

/** One GPU that is played: which recorded one it looks like, and what is its own. */
export interface GpuSlot {
  readonly index: number;
  readonly template: TemplateGpu;
  /** Texts by path that differ from the recorded GPU's. */
  readonly own: ReadonlyMap<string, string>;
  /** What its MIG uuids are derived from where no `-L` was recorded; null plays none. */
  readonly migSeed: string | null;
}

/** A uuid that is the same for the same text. */
export function uuidFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

function ownTexts(template: TemplateGpu, position: { index: number; copy: number; identity: string }) {
  const { index, copy, identity } = position;
  const own = new Map<string, string>();
  const recorded = (path: string): string => template.byPath.get(path)?.text ?? '';
  const change = (path: string, text: string): void => {
    if (template.byPath.has(path)) own.set(path, text);
  };
  const seed = `${identity}/${index}`;
  change('uuid', `GPU-${uuidFrom(seed)}`);
  if (/^\d{5,}$/.test(recorded('serial'))) {
    const digits = Number.parseInt(
      createHash('sha256').update(`serial ${seed}`).digest('hex').slice(0, 12),
      16,
    );
    change('serial', String(digits).padStart(13, '1').slice(-13));
  }
  if (/^0x/.test(recorded('pdi')))
    change('pdi', `0x${createHash('sha256').update(`pdi ${seed}`).digest('hex').slice(0, 16)}`);
  if (copy > 0) {
    // A domain of its own for every copy keeps bus ids apart without inventing a topology.
    const domain = copy.toString(16).toUpperCase().padStart(4, '0');
    const busId = recorded('pci/pci_bus_id');
    change('pci/pci_domain', domain);
    change(
      'pci/pci_bus_id',
      busId.replace(/^[0-9A-Fa-f]+(?=:)/, (old) => domain.padStart(old.length, '0')),
    );
    change('minor_number', String(index));
  }
  return own;
}

/**
 * The GPUs of a host.
 * @param count null: as many as recorded
 * @param identity null: the recorded uuids and serials, except for copies
 */
export function slotsOf(
  gpus: readonly TemplateGpu[],
  count: number | null,
  identity: string | null,
): readonly GpuSlot[] {
  if (gpus.length === 0) return [];
  return Array.from({ length: count ?? gpus.length }, (_, index) => {
    const template = gpus[index % gpus.length] as TemplateGpu;
    const copy = Math.floor(index / gpus.length);
    const fresh = identity !== null || copy > 0;
    const name = identity ?? template.byPath.get('uuid')?.text ?? '';
    return {
      index,
      template,
      own: fresh ? ownTexts(template, { index, copy, identity: name }) : new Map<string, string>(),
      migSeed: fresh ? `${name}/${index}` : null,
    };
  });
}
