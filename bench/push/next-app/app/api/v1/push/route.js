/** The hub's push as a route handler would take it; the work itself is the process's own, see ../sides.ts. */
export async function POST(request) {
  const takePush = globalThis[Symbol.for('gpufleet.bench.push')];
  const packed = Buffer.from(await request.arrayBuffer());
  const answer = await takePush(request.headers.get('authorization'), packed);
  return new Response(answer, { status: 202, headers: { 'content-type': 'application/json' } });
}
