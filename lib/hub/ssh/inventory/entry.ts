/** A host as an inventory of another tool names it. */
export interface InventoryHost {
  /** From 1; where the host stands. */
  readonly line: number;
  /** As the inventory names it. */
  readonly name: string;
  readonly address: string;
  /** Null: it says none. */
  readonly user: string | null;
  readonly port: string | null;
  readonly jumps: readonly string[];
}

export interface InventoryFault {
  readonly line: number;
  readonly text: string;
  readonly fault: string;
}

export type InventoryItem = InventoryHost | InventoryFault;

export const inventoryFormats = ['lines', 'ssh-config', 'ansible-ini', 'ansible-yaml'] as const;
export type InventoryFormat = (typeof inventoryFormats)[number];

/** `user@host:port` hosts of a ProxyJump. */
export const jumpsOf = (text: string | undefined): readonly string[] =>
  text === undefined || text.toLowerCase() === 'none' ? [] : text.split(',').map((each) => each.trim());
