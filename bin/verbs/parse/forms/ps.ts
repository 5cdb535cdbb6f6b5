import { isProcessList, parseProcessList } from '../../../../lib/host-facts/index.ts';
import { type Form, firstLine } from '../form.ts';

export const ps: Form = {
  kind: 'ps',
  matches: (text) => isProcessList(firstLine(text)),
  read(text) {
    const { processes, hungPids, unreadLines } = parseProcessList(text);
    const problems =
      unreadLines === 0 ? [] : [{ field: 'ps:', text: `${unreadLines} lines`, message: 'are no process' }];
    // `processes` of a file are those on a GPU.
    return { hostProcesses: processes, hungPids, problems };
  },
};
