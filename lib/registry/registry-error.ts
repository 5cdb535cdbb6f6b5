export type RegistryErrorCode =
  | 'bad-reference'
  | 'not-found'
  | 'not-allowed'
  | 'unreachable'
  | 'too-large'
  | 'unreadable';

/** Why an image could not be read from a registry; the message is a sentence for the user. */
export class RegistryError extends Error {
  readonly code: RegistryErrorCode;

  constructor(code: RegistryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RegistryError';
    this.code = code;
  }
}
