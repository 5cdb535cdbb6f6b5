import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { upgradeText } from '../../model/index.ts';
import type { StateStore } from '../../state/state-store.ts';

/** Setting of the state, so that a backup has it: without it no installed agent takes an upgrade from a restored hub. */
const keySetting = 'upgradeKey';

export interface SigningKey {
  /** Ed25519, its 32 bytes in base64, as the installer pins it. */
  readonly publicKey: string;
  /** Base64. */
  sign(offer: Parameters<typeof upgradeText>[0]): string;
}

const publicBytes = (key: KeyObject): string =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');

/** The hub's own key for agents, made at the first need. */
export async function loadSigningKey(state: StateStore): Promise<SigningKey> {
  const kept = await state.getSetting(keySetting);
  let key: KeyObject;
  if (kept === null) {
    key = generateKeyPairSync('ed25519').privateKey;
    await state.putSetting(keySetting, key.export({ format: 'pem', type: 'pkcs8' }).toString());
  } else key = createPrivateKey(kept);
  return {
    publicKey: publicBytes(key),
    sign: (offer) => sign(null, Buffer.from(upgradeText(offer)), key).toString('base64'),
  };
}
