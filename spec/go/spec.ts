/** What config.json says once runc has decoded it: every field may be missing, whole numbers beyond 2^53 are bigints. */

/** A whole number of Go. */
export type Int = number | bigint

export interface Spec {
  ociVersion?: string
  process?: Process
  root?: Root
  hostname?: string
  domainname?: string
  mounts?: Mount[]
  hooks?: Hooks
  annotations?: Record<string, string>
  linux?: Linux
}

export interface Scheduler {
  policy?: string
  nice?: number
  priority?: number
  flags?: string[]
  runtime?: Int
  deadline?: Int
  period?: Int
}

export interface Process {
  terminal?: boolean
  consoleSize?: Box
  user?: User
  args?: string[]
  commandLine?: string
  env?: string[]
  cwd?: string
  capabilities?: LinuxCapabilities
  rlimits?: POSIXRlimit[]
  noNewPrivileges?: boolean
  apparmorProfile?: string
  oomScoreAdj?: Int
  scheduler?: Scheduler
  selinuxLabel?: string
  ioPriority?: LinuxIOPriority
  execCPUAffinity?: CPUAffinity
}

export interface LinuxCapabilities {
  bounding?: string[]
  effective?: string[]
  inheritable?: string[]
  permitted?: string[]
  ambient?: string[]
}

export interface LinuxIOPriority {
  class?: string
  priority?: Int
}

export interface CPUAffinity {
  initial?: string
  final?: string
}

export interface Box {
  height?: Int
  width?: Int
}

export interface User {
  uid?: number
  gid?: number
  umask?: number
  additionalGids?: number[]
  username?: string
}

export interface Root {
  path?: string
  readonly?: boolean
}

export interface Mount {
  destination?: string
  type?: string
  source?: string
  options?: string[]
  uidMappings?: LinuxIDMapping[]
  gidMappings?: LinuxIDMapping[]
}

export interface Hook {
  path?: string
  args?: string[]
  env?: string[]
  timeout?: Int
}

export interface Hooks {
  prestart?: Hook[]
  createRuntime?: Hook[]
  createContainer?: Hook[]
  startContainer?: Hook[]
  poststart?: Hook[]
  poststop?: Hook[]
}

export interface Linux {
  uidMappings?: LinuxIDMapping[]
  gidMappings?: LinuxIDMapping[]
  sysctl?: Record<string, string>
  resources?: LinuxResources
  cgroupsPath?: string
  namespaces?: LinuxNamespace[]
  devices?: LinuxDevice[]
  seccomp?: LinuxSeccomp
  rootfsPropagation?: string
  maskedPaths?: string[]
  readonlyPaths?: string[]
  mountLabel?: string
  intelRdt?: LinuxIntelRdt
  personality?: LinuxPersonality
  timeOffsets?: Record<string, LinuxTimeOffset>
}

export interface LinuxNamespace {
  type?: string
  path?: string
}

export interface LinuxIDMapping {
  containerID?: number
  hostID?: number
  size?: number
}

export interface LinuxTimeOffset {
  secs?: Int
  nanosecs?: number
}

export interface POSIXRlimit {
  type?: string
  hard?: Int
  soft?: Int
}

export interface LinuxHugepageLimit {
  pageSize?: string
  limit?: Int
}

export interface LinuxInterfacePriority {
  name?: string
  priority?: number
}

export interface LinuxBlockIODevice {
  major?: Int
  minor?: Int
}

export interface LinuxWeightDevice {
  major?: Int
  minor?: Int
  weight?: number
  leafWeight?: number
}

export interface LinuxThrottleDevice {
  major?: Int
  minor?: Int
  rate?: Int
}

export interface LinuxBlockIO {
  weight?: number
  leafWeight?: number
  weightDevice?: LinuxWeightDevice[]
  throttleReadBpsDevice?: LinuxThrottleDevice[]
  throttleWriteBpsDevice?: LinuxThrottleDevice[]
  throttleReadIOPSDevice?: LinuxThrottleDevice[]
  throttleWriteIOPSDevice?: LinuxThrottleDevice[]
}

export interface LinuxMemory {
  limit?: Int
  reservation?: Int
  swap?: Int
  kernel?: Int
  kernelTCP?: Int
  swappiness?: Int
  disableOOMKiller?: boolean
  useHierarchy?: boolean
  checkBeforeUpdate?: boolean
}

export interface LinuxCPU {
  shares?: Int
  quota?: Int
  burst?: Int
  period?: Int
  realtimeRuntime?: Int
  realtimePeriod?: Int
  cpus?: string
  mems?: string
  idle?: Int
}

export interface LinuxPids {
  limit?: Int
}

export interface LinuxNetwork {
  classID?: number
  priorities?: LinuxInterfacePriority[]
}

export interface LinuxRdma {
  hcaHandles?: number
  hcaObjects?: number
}

export interface LinuxResources {
  devices?: LinuxDeviceCgroup[]
  memory?: LinuxMemory
  cpu?: LinuxCPU
  pids?: LinuxPids
  blockIO?: LinuxBlockIO
  hugepageLimits?: LinuxHugepageLimit[]
  network?: LinuxNetwork
  rdma?: Record<string, LinuxRdma>
  unified?: Record<string, string>
}

export interface LinuxDevice {
  path?: string
  type?: string
  major?: Int
  minor?: Int
  fileMode?: number
  uid?: number
  gid?: number
}

export interface LinuxDeviceCgroup {
  allow?: boolean
  type?: string
  major?: Int
  minor?: Int
  access?: string
}

export interface LinuxPersonality {
  domain?: string
  flags?: string[]
}

export interface LinuxSeccomp {
  defaultAction?: string
  defaultErrnoRet?: Int
  architectures?: string[]
  flags?: string[]
  listenerPath?: string
  listenerMetadata?: string
  syscalls?: LinuxSyscall[]
}

export interface LinuxSeccompArg {
  index?: Int
  value?: Int
  valueTwo?: Int
  op?: string
}

export interface LinuxSyscall {
  names?: string[]
  action?: string
  errnoRet?: Int
  args?: LinuxSeccompArg[]
}

export interface LinuxIntelRdt {
  closID?: string
  l3CacheSchema?: string
  memBwSchema?: string
  enableCMT?: boolean
  enableMBM?: boolean
}
