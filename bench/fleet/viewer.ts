import { request } from 'node:http';
import type { StreamFrame } from '../../lib/model/index.ts';

export interface Viewer {
  readonly receivedBytes: () => number;
  close(): void;
}

/** Follows the fleet as a browser does; `seen` is called with each frame as it has been parsed. */
export function watchFleet(hubUrl: string, token: string, seen: (frame: StreamFrame) => void): Viewer {
  let bytes = 0;
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
  const asked = request(`${hubUrl}/api/v1/stream?topics=fleet`, { headers, agent: false }, (answer) => {
    if (answer.statusCode !== 200) throw new Error(`the stream was refused: ${answer.statusCode}`);
    let rest: string[] = [];
    answer.setEncoding('utf8').on('data', (text: string) => {
      bytes += text.length;
      const blocks = text.split('\n\n');
      if (blocks.length > 1) {
        blocks[0] = rest.join('') + blocks[0];
        rest = [];
      }
      rest.push(blocks.pop() ?? '');
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) seen(JSON.parse(data) as StreamFrame);
      }
    });
  });
  asked.on('error', (error) => process.stderr.write(`the stream broke: ${error.message}\n`));
  asked.end();
  return { receivedBytes: () => bytes, close: () => asked.destroy() };
}
