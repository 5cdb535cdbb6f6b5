import { expect, test } from 'vitest';
import { noChannelOptions } from '../../model/index.ts';
import { type ChannelRecord, unreadableAddress } from '../../state/state-store.ts';
import { sendTo } from './send-to.ts';

test('a channel whose address cannot be opened is tried again, and says what to do', async () => {
  const channel: ChannelRecord = {
    id: 'c',
    kind: 'webhook',
    name: 'c',
    url: unreadableAddress,
    secret: null,
    options: noChannelOptions,
    source: 'hub',
    createdAt: '',
    createdBy: '',
  };
  const message = { id: 'n', body: '{}', sentAtSeconds: 0 };
  expect(await sendTo(channel, message, new AbortController().signal)).toEqual({
    outcome: 'retry',
    afterSeconds: null,
    detail: expect.stringContaining('ssh-secret.key'),
  });
});
