export { exitSchema } from './container-cuda-schema.ts';
export { diagnosisSchema } from './diagnosis-schema.ts';
export * from './enroll-types.ts';
export { gpuSchema } from './gpu-schema.ts';
export * from './limits.ts';
export * from './push-schema.ts';
export * from './read-push.ts';
