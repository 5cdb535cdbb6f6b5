export { type Agent, type AgentOptions, createAgent, type HubOptions } from './agent.ts';
export { keepPauses } from './control/pause-file.ts';
export { type ControlServer, serveControl } from './control/server.ts';
export { controlSocketName } from './control/wire.ts';
export { createLog, type Log } from './log.ts';
export { createCredentialFile, createCredentialMemory } from './push/credential.ts';
export { createHubClient, type HubClient, type HubTrust } from './push/hub-client.ts';
export { createMemorySpool, openDiskSpool } from './spool/index.ts';
export { openStateFolder, StateFolderError } from './state-folder.ts';
