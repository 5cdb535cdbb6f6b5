import { isTableText, parseSmiTable } from '../../../../lib/nvidia-smi/index.ts';
import type { Form } from '../form.ts';
import { ofDocument } from '../gpus.ts';
import { warningProblem } from '../side-lines.ts';

export const smiTable: Form = {
  kind: 'smi-table',
  matches: isTableText,
  read(text) {
    const { gpus, failure, ...table } = parseSmiTable(text);
    const problems = [...table.problems, ...table.warnings.map(warningProblem)];
    return { ...table, ...ofDocument(gpus, failure), problems };
  },
};
