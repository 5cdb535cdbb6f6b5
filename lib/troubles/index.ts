export { findErrors, hasError, knownError } from './find-errors.ts';
export type { FoundError, KnownError, TroubledHost } from './known-error.ts';
export { knownErrors } from './known-errors.ts';
export { compareDotted } from './versions.ts';
