import { mostCaptureBytes } from '../../model/index.ts';
import { HubError } from '../errors.ts';
import { fetchCapture, takeFailedCapture, takeSentCapture } from '../operations/captures.ts';
import { requireAgent } from '../require-role.ts';
import { receive } from './body.ts';
import { ByteBudget } from './byte-budget.ts';
import { actorOf, type Call, headerOf, requireMethod } from './call.ts';
import { sendText } from './respond.ts';

const bodiesInWork = new ByteBudget();
const mostMessageBytes = 4096;

async function takeBody(call: Call, captureId: string): Promise<void> {
  const { context, request, response } = call;
  const actor = await actorOf(call);
  // Before the body: who may not send one, sends none.
  const hostId = requireAgent(actor);
  if (context.captures.wanted(hostId) !== captureId)
    throw new HubError('conflict', 'No such capture is wanted of this host, or not any more.');
  const type = headerOf(request, 'content-type') ?? '';
  const isFailure = type === 'text/plain';
  if (!isFailure && type !== 'application/gzip')
    throw new HubError(
      'unsupported-media-type',
      'A capture is application/gzip; why there is none, text/plain.',
    );
  const maxBytes = isFailure ? mostMessageBytes : mostCaptureBytes;
  const share = bodiesInWork.share(4 * mostCaptureBytes);
  try {
    const body = await receive(request, { maxBytes, maxInflatedBytes: maxBytes, share });
    if (isFailure) await takeFailedCapture(actor, context, { captureId, message: body.toString('utf8') });
    else await takeSentCapture(actor, context, { captureId, archive: body });
  } finally {
    share.release();
  }
  sendText(response, 204, '', {});
}

async function sendArchive(call: Call, captureId: string): Promise<void> {
  const { context, request, response } = call;
  const { name, archive } = await fetchCapture(await actorOf(call), context, captureId);
  response.writeHead(200, {
    'content-type': 'application/gzip',
    'content-disposition': `attachment; filename="${name}"`,
    'content-length': archive.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : archive);
}

/** POST /api/v1/captures/ID by the agent that was asked; GET by who may download it. */
export async function handleCapture(call: Call): Promise<void> {
  requireMethod(call, 'GET', 'HEAD', 'POST');
  const captureId = call.url.pathname.slice('/api/v1/captures/'.length);
  if (call.request.method === 'POST') await takeBody(call, captureId);
  else await sendArchive(call, captureId);
}
