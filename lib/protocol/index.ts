export * from './enroll-types.ts';
export * from './limits.ts';
export * from './push-schema.ts';
export * from './read-push.ts';
