export { credentialsFor, type FoundCredentials, type RegistryCredentials } from './docker-config.ts';
export { type ImageConfiguration, type ReadImageOptions, readImage } from './read-image.ts';
export { type ImageReference, parseImageReference } from './reference.ts';
export { RegistryError, type RegistryErrorCode } from './registry-error.ts';
