export { parseBootTime } from './boot-time.ts';
export { type CdiDevice, type CdiSpec, isCdiSpec, parseCdiSpec } from './cdi-spec.ts';
export { cgroupPathOf, parseCgroup, parseCgroupUser } from './cgroup.ts';
export {
  type ContainerCli,
  type ContainerCliDevice,
  isContainerCli,
  parseContainerCli,
} from './container-cli.ts';
export { type ContainerStack, cudaOf, isFailure, parseContainerStack } from './container-stack.ts';
export {
  type DeviceNode,
  type DeviceRule,
  deniedNodes,
  nvidiaNode,
  parseDeviceAllow,
  parseDeviceList,
  parseMajors,
} from './device-rules.ts';
export { type DockerContainer, parseDockerContainer } from './docker-container.ts';
export {
  type ConfiguredRuntime,
  type DockerDaemonConfig,
  isDockerDaemonConfig,
  parseDockerDaemonConfig,
} from './docker-daemon-config.ts';
export { type DockerInfo, isDockerInfo, parseDockerInfo, parseDockerInfoAnswer } from './docker-info.ts';
export { parseDockerVersion } from './docker-version.ts';
export { type DriverVersion, parseDriverVersion } from './driver-version.ts';
export { askedOfEngine, askedOfSpec } from './granted.ts';
export { type InjectionHost, injectionOf } from './injection.ts';
export { type KernelLine, readKernelLine } from './kernel-line.ts';
export {
  createKernelLogReader,
  type DriverTroubleEvent,
  type GpuNameEvent,
  type GpuTroubleEvent,
  type KernelEvent,
  type KernelLogReader,
  type SwitchErrorEvent,
  type XidEvent,
} from './kernel-log.ts';
export { type DriverLibrary, driverLibraryOf, driverVersionOf } from './library-versions.ts';
export {
  compatDriverOf,
  cudaOfWheels,
  type MappedCuda,
  parseCudaVersionFile,
  parseMappedCuda,
} from './mapped-cuda.ts';
export { isMountLine, type Mount, type MountInfo, parseMountinfo } from './mountinfo.ts';
export { parseOsRelease } from './os-release.ts';
export { type Account, parseAccounts, parsePasswd } from './passwd.ts';
export { pciBusIdOf } from './pci-bus-id.ts';
export { isNvidiaGpu, isPassedThrough, type PciDevice, parsePciDevice } from './pci-device.ts';
export { isProcessList, type ListedProcess, type ProcessList, parseProcessList } from './process-list.ts';
export { type ProcessStat, parseProcessStat } from './process-stat.ts';
export { type ProcessStatus, parseProcessStatus } from './process-status.ts';
export { type ProtoMessage, readProto, writeProto } from './protobuf.ts';
export { parseSlurmOutOfService, parseSlurmPartitions } from './slurm-node.ts';
export { parseToolkitConfig, type ToolkitConfig } from './toolkit-config.ts';
export { parseToolkitPrograms, parseToolkitVersion, type ToolkitPrograms } from './toolkit-version.ts';
export { createXidTally, earlier, type XidTally } from './xid-tally.ts';
