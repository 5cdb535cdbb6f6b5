const elements =
  /<((?:[a-z_]*serial(?:_number)?)|pdi|gpu_fabric_guid|cluster_uuid|chassis_serial_number)>([^<]{1,200})</gi;
const lines = /^\s*(?:[\w ]*Serial Number|GPU PDI|[\w ]*Fabric GUID)\s*:\s*(\S[^\r\n]{0,100})$/gim;
const nothing = /^(?:n\/?a|\[?n\/?a\]?|0|unknown|none|\[?not supported\]?|requested functionality.*)$/i;

/** A column of CSV whose name says that it is one. */
function csvSerials(text: string): readonly string[] {
  const [head = '', ...rows] = text.split(/\r?\n/, 300);
  if (head.length > 16_384 || !/(?:^|,)\s*(?:gpu_|board_)?serial\s*(?:,|$)/i.test(head)) return [];
  const columns = head.split(',').map((name) => name.trim().toLowerCase());
  const places = columns.flatMap((name, at) => (/serial/.test(name) ? [at] : []));
  return rows.flatMap((row) => {
    const cells = row.split(',');
    return places.map((at) => cells[at]?.trim() ?? '');
  });
}

/** Serial numbers that a text of nvidia-smi tells, as XML, as text or as CSV. */
export function serialsIn(text: string): readonly string[] {
  const found = [
    ...[...text.matchAll(elements)].map((match) => match[2] ?? ''),
    ...[...text.matchAll(lines)].map((match) => match[1] ?? ''),
    ...csvSerials(text),
  ];
  return found.map((each) => each.trim()).filter((each) => each !== '' && !nothing.test(each));
}
