export { parseBootTime } from './boot-time.ts';
export { parseCgroup } from './cgroup.ts';
export { type DockerContainer, parseDockerContainer } from './docker-container.ts';
export { parseDockerVersion } from './docker-version.ts';
export { type DriverVersion, parseDriverVersion } from './driver-version.ts';
export { parseOsRelease } from './os-release.ts';
export { parseSlurmPartitions } from './slurm-node.ts';
export { parseToolkitVersion } from './toolkit-version.ts';
