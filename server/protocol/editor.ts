/** What the editor asks of a sandbox beside its files: bundles, folders, and the facts that tell whether a config.json will work there. */
import { z } from 'zod'
import { SandboxPath } from './ids.ts'

/** Nobody looks at the file any more. Not answered. */
export const UnwatchFile = z.object({ type: z.literal('unwatch-file'), path: SandboxPath })

/** Keep this tab told which bundles there are: answered by `bundles`, now and after every change. */
export const WatchBundles = z.object({ type: z.literal('watch-bundles') })

/** A folder in the sandbox with a config.json that could be a bundle's. `docker`: made by containerd for Docker. */
export const Bundle = z.object({ path: SandboxPath, docker: z.boolean() })
export type Bundle = z.infer<typeof Bundle>
/** More are not listed. */
export const MAX_BUNDLES = 100

export const Bundles = z.object({ type: z.literal('bundles'), bundles: z.array(Bundle).max(MAX_BUNDLES) })

const ShortPath = SandboxPath.max(1024)
/** More paths are not looked at for one file. */
export const MAX_PATHS = 100

/** What a config.json says about the world around it. Paths are as runc would take them; those inside are below the rootfs. */
export const BundleQuestion = z.object({
  rootfs: z.string().min(1).max(1024),
  /** `process.args[0]` and the folders of the container's PATH; null if there is no program to look for. */
  program: z
    .object({ name: z.string().min(1).max(1024), path: z.array(z.string().max(1024)).max(32) })
    .nullable(),
  cwd: z.string().max(1024).nullable(),
  /** Relative ones are relative to the bundle. */
  outside: z.array(z.string().min(1).max(1024)).max(MAX_PATHS),
})
export type BundleQuestion = z.infer<typeof BundleQuestion>

export const Ask = z.discriminatedUnion('what', [
  /** What is in a folder. */
  z.object({ what: z.literal('folder'), path: SandboxPath }),
  /** A file as it is now, without following it. */
  z.object({ what: z.literal('file'), path: SandboxPath }),
  z.object({ what: z.literal('bundle'), bundle: ShortPath, question: BundleQuestion }),
  z.object({ what: z.literal('host') }),
  /** The config.json that `runc spec` writes in this sandbox. */
  z.object({ what: z.literal('runc-spec') }),
])
export type Ask = z.infer<typeof Ask>

/** Answered by `editor-answer` with the same `request`. */
export const EditorAsk = z.object({
  type: z.literal('editor-ask'),
  request: z.number().int().min(0),
  ask: Ask,
})

const Kind = z.enum(['file', 'directory', 'symlink', 'other', 'missing'])
/** `mode`: the permission bits; of the target if it is a link. */
const PathFact = z.object({
  kind: Kind,
  mode: z.number().int().optional(),
  uid: z.number().int().optional(),
  gid: z.number().int().optional(),
})
export type PathFact = z.infer<typeof PathFact>

const ProgramFact = PathFact.extend({
  /** Inside the container. */
  path: z.string(),
  /** What the kernel needs to run it: a script's `#!` program or an ELF file's loader; null if nothing. */
  interpreter: z.string().nullable().optional(),
  interpreterFound: z.boolean().optional(),
  format: z.enum(['elf', 'script', 'unknown', 'empty']).optional(),
  /** The ELF machine's name if it is not the sandbox's own. */
  foreignMachine: z.string().nullable().optional(),
})
export type ProgramFact = z.infer<typeof ProgramFact>

export const BundleAnswer = z.object({
  rootfs: PathFact.extend({
    empty: z.boolean().optional(),
    realPath: z.string().optional(),
    entries: z.array(z.string()).max(64).optional(),
  }),
  programs: z.array(ProgramFact).max(64),
  cwd: PathFact.optional(),
  paths: z.record(z.string(), PathFact),
})
export type BundleAnswer = z.infer<typeof BundleAnswer>

export const HostAnswer = z.object({
  cgroup: z.enum(['v1', 'v2', 'hybrid']),
  cpus: z.number().int().optional(),
  cpuset: z.string().optional(),
  capabilities: z.array(z.string()),
  /** In decimal, or `unlimited`; they may exceed what a JSON number holds. */
  rlimits: z.record(z.string(), z.string()),
  userNamespace: z.boolean(),
  /** How many ids that namespace maps, from 0. */
  ids: z.number().optional(),
  filesystems: z.array(z.string()),
  controllers: z.array(z.string()),
  /** Sizes in kB. */
  hugepages: z.array(z.number()),
  memoryBytes: z.number().optional(),
  /** Names that `linux.sysctl` may set here. */
  sysctls: z.array(z.string()),
  /** What `runc features` prints; empty if it could not be read. */
  features: z.string(),
})
export type HostAnswer = z.infer<typeof HostAnswer>

/** One entry of a folder; of links what they lead to. */
export const FolderEntry = z.object({ name: z.string(), isFolder: z.boolean() })
export type FolderEntry = z.infer<typeof FolderEntry>

export const Answer = z.discriminatedUnion('what', [
  z.object({
    what: z.literal('folder'),
    /** Null if there is no such folder. */
    entries: z.array(FolderEntry).nullable(),
    /** There are more. */
    isCut: z.boolean(),
  }),
  /** `text` is null if there is no such file, or it is no text of at most 1 MiB. */
  z.object({ what: z.literal('file'), text: z.string().nullable() }),
  z.object({ what: z.literal('bundle'), facts: BundleAnswer }),
  z.object({ what: z.literal('host'), facts: HostAnswer }),
  z.object({ what: z.literal('runc-spec'), text: z.string() }),
  /** A sentence says why there is no answer. */
  z.object({ what: z.literal('failed'), why: z.string() }),
])
export type Answer = z.infer<typeof Answer>

export const EditorAnswer = z.object({
  type: z.literal('editor-answer'),
  request: z.number().int(),
  answer: Answer,
})
