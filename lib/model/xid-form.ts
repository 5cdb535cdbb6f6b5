/**
 * How the driver writes an Xid, as the source of an expression: its first group is the GPU's address, its second the
 * number. Of an error within a MIG device the instances follow the address: `Xid (PCI:0000:3b:00 GPU-I:05 GPU-CI:02): 13`.
 */
export const xidForm =
  'Xid ?\\((?:PCI:)?([0-9a-fA-F:.]{4,20})(?: GPU-I:\\d{1,4})?(?: GPU-CI:\\d{1,4})?\\):? ?(\\d{1,9})\\b';
