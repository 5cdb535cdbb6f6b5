// A program of its own for a test: reads garbage of many kinds as every form, within the heap that node was given, and
// prints a line of JSON for each. `garbage-reader.ts BYTES [FORM [KIND]]`.

import { forms, parseText } from '../../../bin/verbs/parse/forms.ts';
import { decode } from '../../../bin/verbs/parse/input.ts';
import { plainText } from '../../../lib/nvidia-smi/index.ts';

const [bytesText = '8388608', onlyForm = '', onlyKind = ''] = process.argv.slice(2);
const bytes = Number(bytesText);
const fill = (unit: string): string => unit.repeat(Math.ceil(bytes / unit.length)).slice(0, bytes);
const uuid = 'GPU-11111111-2222-3333-4444-555555555555';
const xmlHead = '<?xml version="1.0" ?>\n<nvidia_smi_log>';

/** Of lines that all differ; put together outside of the heap. */
function numbered(line: (at: number) => string): string {
  const all = Buffer.alloc(bytes);
  let size = 0;
  for (let at = 0; size < bytes; at += 1) size += all.write(line(at), size, 'latin1');
  return all.toString('latin1');
}

/** Each is made when it is its turn: together they would be the heap. */
const kinds: Readonly<Record<string, () => string>> = {
  'one long line': () => fill('x'),
  'one line of words': () => fill('ab 12 '),
  'short lines': () => fill('a\n'),
  'empty lines': () => fill('\n'),
  'two words a line': () => fill('gpu 1\n'),
  'many columns': () => fill(`${'1, '.repeat(2000)}\n`),
  'blank columns': () => fill(`${'  7'.repeat(300)}\n`),
  'labels and values': () => fill('    Product Name : x\n'),
  'labels, each another': () => numbered((at) => `    Name ${at} : ${at} MiB\n`),
  'heads of GPUs': () => fill('GPU 00000000:01:00.0\n    Product Name : x\n'),
  'rows of a list': () => fill(`GPU 0: Imaginary (UUID: ${uuid})\n`),
  'rows of a table': () => fill('|   0  Imaginary  On   | 00000000:01:00.0 Off |      0 |\n'),
  'rows of pmon': () =>
    `# gpu  pid  type  sm  command\n# Idx  #  C/G  %  name\n${fill('  0  7  C  5  a b\n')}`,
  'rows of dmon': () => `# gpu  pwr  gtemp\n# Idx  W  C\n${fill('  0  97  38\n')}`,
  'a head of dmon on each line': () => fill('# gpu  pwr  gtemp\n'),
  'rows of a matrix': () => `\tGPU0\tGPU1\n${fill('GPU0\t X \tNV18\n')}`,
  'a wide matrix': () => fill(`${'\tGPU0'.repeat(5000)}\n`),
  'rows of a query': () => `uuid, index, power.draw [W]\n${fill(`${uuid}, 0, 97.75 W\n`)}`,
  Xids: () =>
    fill('[    1.500000] NVRM: Xid (PCI:0000:3b:00): 79, pid=1, name=x, GPU has fallen off the bus.\n'),
  'rows of ps': () => `PID STAT CMD\n${fill('1 S /sbin/init\n')}`,
  mounts: () => fill('10112 5519 0:864 / / ro,relatime - overlay overlay rw\n'),
  NULs: () => fill('\u0000'),
  'UTF-16': () => decode(Buffer.from(`\ufeff${'Product Name : x\n'.repeat(bytes / 34)}`, 'utf16le')),
  'wide letters': () => fill('漢字 : 値\n').slice(0, bytes / 2),
  'terminal escapes': () => fill('\u001b[31mGPU\u001b[0m\n'),
  'deep XML': () => xmlHead + fill('<a>'),
  'wide XML': () => xmlHead + fill('<gpu id="1"><uuid>x</uuid></gpu>'),
  'XML of one text': () => `${xmlHead}<gpu><uuid>${fill('x')}`,
  'XML of attributes': () => `${xmlHead}<gpu ${fill('a="1" ')}`,
  'XML of entities': () => `${xmlHead}<gpu><uuid>${fill('&amp;')}`,
  'deep JSON': () => fill('['),
  'wide JSON': () => `[${fill('{"Id":1},')}`,
  'deep YAML': () => `cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices:\n${fill('- ')}`,
  'YAML of anchors': () => `cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices:\n${fill('- &a [*a,*a]\n')}`,
};

for (const [kind, make] of Object.entries(kinds)) {
  if (onlyKind !== '' && kind !== onlyKind) continue;
  const raw = make();
  for (const form of [...forms, null]) {
    const name = form?.kind ?? 'any';
    if (onlyForm !== '' && name !== onlyForm) continue;
    process.stdout.write(`${JSON.stringify({ kind, form: name })}\n`);
    const before = process.cpuUsage();
    if (form === null) parseText(raw);
    else form.read(plainText(raw));
    const { user, system } = process.cpuUsage(before);
    process.stdout.write(
      `${JSON.stringify({ kind, form: name, milliseconds: Math.round((user + system) / 1000) })}\n`,
    );
  }
}
