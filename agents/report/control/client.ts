import { connect } from 'node:net';
import { join } from 'node:path';
import { type ControlAnswer, type ControlRequest, controlSocketName, longestLine } from './wire.ts';

/** No agent answers: one line that says where it was looked for. */
export class ControlError extends Error {}

/** Longer than both graces of a program that does not want to end. */
const deadlineSeconds = 5;

/** Asks the agent whose state is in the first of the folders where one runs. Rejects with ControlError. */
export async function askAgent(
  stateFolders: readonly string[],
  request: ControlRequest,
): Promise<ControlAnswer> {
  const faults: string[] = [];
  for (const folder of stateFolders) {
    const path = join(folder, controlSocketName);
    try {
      return await ask(path, request);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'EPERM')
        throw new ControlError(`${path}: no permission; run it as root or as the agent's own user`);
      if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ECONNREFUSED')
        throw new ControlError(`${path}: ${message}`);
      faults.push(folder);
    }
  }
  const where = faults.join(' or ');
  throw new ControlError(`no agent runs with its state in ${where}; name its folder with --state-dir`);
}

function ask(path: string, request: ControlRequest): Promise<ControlAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    let text = '';
    const settle = (work: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      work();
    };
    const fail = (error: Error): void => settle(() => reject(error));
    const timer = setTimeout(
      () => fail(new Error(`the agent gave no answer within ${deadlineSeconds} s`)),
      deadlineSeconds * 1000,
    );
    socket.once('error', fail);
    socket.once('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length > longestLine * 2) fail(new Error('what answers there is no gpufleet agent'));
    });
    socket.once('end', () => {
      try {
        const answer = JSON.parse(text) as ControlAnswer;
        settle(() => resolve(answer));
      } catch {
        fail(new Error('what answers there is no gpufleet agent, or it is ending'));
      }
    });
  });
}
