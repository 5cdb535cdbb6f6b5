import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { HubError } from '../errors.ts';
import type { AgentFiles } from '../install/agent-files.ts';
import { type Call, type Handler, requireMethod } from './call.ts';
import { sendText } from './respond.ts';

/** GET /install.sh. Open to everyone: it carries checksums and no secret; the command that runs it carries the token. */
export const handleInstallScript =
  (files: AgentFiles): Handler =>
  async (call) => {
    requireMethod(call, 'GET', 'HEAD');
    const type = { 'content-type': 'text/x-shellscript; charset=utf-8' };
    sendText(call.response, 200, await files.installScript(), type);
  };

async function sendFile({ request, response }: Call, path: string, type: string): Promise<void> {
  const { size } = await stat(path);
  response.writeHead(200, {
    'content-type': type,
    'content-length': size,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(path), response);
}

/** GET /agent/<name>: the agent itself, the Node to run it, and the hub's authority. Open, like the script. */
export const handleAgentFile =
  (files: AgentFiles): Handler =>
  async (call) => {
    requireMethod(call, 'GET', 'HEAD');
    const file = await files.file(call.url.pathname.slice('/agent/'.length));
    if (file === null) throw new HubError('not-found', `There is nothing at ${call.url.pathname}.`);
    if ('text' in file.content)
      sendText(call.response, 200, file.content.text, { 'content-type': file.type });
    else await sendFile(call, file.content.path, file.type);
  };
