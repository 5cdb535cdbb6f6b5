export * from './fleet-file.ts';
