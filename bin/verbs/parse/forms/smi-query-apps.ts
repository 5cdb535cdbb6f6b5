import { isHeadlessAppsRow, isQueryAppsHead, parseQueryApps } from '../../../../lib/nvidia-smi/index.ts';
import { type Form, firstLine } from '../form.ts';

export const smiQueryApps: Form = {
  kind: 'smi-query-apps',
  matches: (text) => isQueryAppsHead(firstLine(text)) || isHeadlessAppsRow(firstLine(text)),
  read(text) {
    const { processes, problems, failure } = parseQueryApps(text);
    return {
      processes: processes.map(({ gpuUuid, process }) => ({ gpuUuid, gpuIndex: null, ...process })),
      problems,
      failure,
    };
  },
};
