import { HubError } from '../errors.ts';
import { actorName, requireRole } from '../require-role.ts';
import { parseTopic, type TopicName } from '../stream/topic.ts';
import { actorOf, type Call, headerOf, requireMethod } from './call.ts';

const maxTopics = 64;

function readTopics(search: URLSearchParams): TopicName[] {
  const texts = (search.get('topics') ?? '').split(',').filter(Boolean);
  const topics = texts.map(parseTopic).filter((topic) => topic !== null);
  if (topics.length > 0 && topics.length === texts.length && topics.length <= maxTopics) return topics;
  const detail = `From 1 to ${maxTopics} of "fleet" and "host/<id>", joined by commas.`;
  throw new HubError('invalid', detail, { errors: [{ pointer: 'topics', detail }] });
}

const mayRead = async (call: Call): Promise<boolean> => {
  try {
    requireRole(await actorOf(call), 'viewer');
    return true;
  } catch {
    return false;
  }
};

/** GET /api/v1/stream: server-sent events until either side closes. */
export async function handleStream(call: Call): Promise<void> {
  const { context, request, response, url } = call;
  requireMethod(call, 'GET');
  const actor = await actorOf(call);
  requireRole(actor, 'viewer');
  context.limits.streamOpens.take(actorName(actor), context.now());
  // Behind another answer on its connection it has no socket yet, and would not be told when that closes.
  if (response.socket === null) throw new HubError('invalid', 'A stream needs a connection of its own.');
  const topics = readTopics(url.searchParams);
  // Nothing is written before the stream took the viewer, so that a refusal is still a problem document.
  let begun = false;
  const begin = () => {
    if (begun) return;
    begun = true;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-accel-buffering': 'no',
    });
    request.socket.setNoDelay(true);
  };
  const leave = context.stream.open(topics, headerOf(request, 'last-event-id'), {
    reader: actorName(actor),
    write(text) {
      begin();
      response.write(text);
    },
    buffered: () => response.writableLength,
    close: () => response.destroy(),
    isStillAllowed: () => mayRead(call),
  });
  response.on('close', leave);
  request.socket.on('close', leave);
  if (request.socket.destroyed) leave();
  response.on('error', leave);
}
