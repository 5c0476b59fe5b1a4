/** Everything that can be configured, from environment variables, each refused with a sentence if it is wrong. */
import { z } from 'zod'
import { closest } from './closest.ts'
import { parseNetworks } from './networks.ts'

const whole = (what: string, min: number, max: number, fallback: number) =>
  z
    .string()
    .default(String(fallback))
    .refine((text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max, {
      message: `must be a whole number from ${min} to ${max} (${what})`,
    })
    .transform(Number)

const folder = () =>
  z
    .string()
    .default('')
    .refine((path) => path === '' || (path.startsWith('/') && !path.endsWith('/')), {
      message: 'must be an absolute path without a slash at its end',
    })

const list = (text: string) =>
  text
    .split(/[\s,]+/)
    .map((item) => item.trim())
    .filter(Boolean)

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text

const origins = (what: string, others: string[] = []) =>
  z
    .string()
    .default('')
    .transform(list)
    .refine((items) => items.every((item) => others.includes(item) || isOrigin(item)), {
      message: `must be ${what}, comma-separated, such as https://lab.example.org (no slash at the end)`,
    })

/**
 * The environment variables, and all there is to say about each. `.env.example` and docs/configuration.md are made from
 * this by `npm run -s config -- --write`. A variable whose value nobody may see gets `.meta({ secret: true })`.
 */
export const Environment = z.object({
  PORT: whole('TCP port', 0, 65535, 3000).describe('TCP port of the web site; 0 picks a free one.'),
  HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe(
      'Address to listen on. The default is reachable from this machine only; 0.0.0.0 is every network.',
    ),
  LAB_NAME: z
    .string()
    .default('runclab')
    .refine((name) => /^[a-z][a-z0-9-]{0,31}$/.test(name), {
      message: 'must be lower-case letters, digits and dashes, beginning with a letter (at most 32)',
    })
    .describe(
      'Names this lab on this machine: its cgroup, its folders, the user of its web process. Two labs need two names.',
    ),
  LAB_STATE_DIR: folder().describe('Images, sandbox disks, cookie secret. Empty: /var/lib/<LAB_NAME>.'),
  LAB_RUN_DIR: folder().describe('Sockets and runtime state. Empty: /run/<LAB_NAME>.'),
  LAB_IMAGE_DIR: folder().describe('The sandbox image. Empty: <LAB_STATE_DIR>/image.'),
  LESSONS_PATH: z
    .string()
    .default('')
    .refine((value) => value.split(':').every((dir) => dir.trim() === '' || dir.trim().startsWith('/')), {
      message: 'must be absolute paths, with a colon between two',
    })
    .describe(
      'Folders with lessons beside the lab’s own, with a colon between two; each may hold many, at any depth. The web process has to be able to read them. New and changed lessons show by themselves.',
    ),
  LAB_ORIGINS: origins('origins').describe(
    'Origins under which people reach the lab, such as https://lab.example.org: pages of others may not use it, and requests for other names are refused. An address, localhost and the own name of this machine need not be listed.',
  ),
  LAB_BASE_PATH: z
    .string()
    .default('')
    .refine((path) => path === '' || /^(\/[A-Za-z0-9._~-]+)+$/.test(path), {
      message: 'must be a path such as /lab, without a slash at its end',
    })
    .describe('Path below which the lab is served, such as /lab. A change rebuilds the web site.'),
  LAB_TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform(list)
    .refine((items) => parseNetworks(items) !== null, {
      message: 'must be addresses or networks, comma-separated, such as 127.0.0.1, 10.0.0.0/8, ::1',
    })
    .describe(
      'Addresses or networks of proxies whose X-Forwarded-For, -Proto and -Host are believed. From anybody else they are ignored.',
    ),
  LAB_FRAME_ANCESTORS: origins('origins or none', ['none'])
    .refine((items) => !items.includes('none') || items.length === 1, {
      message: 'is either none or origins',
    })
    .describe(
      'Sites that may show the lab in a frame, such as https://school.example.org; "none" forbids all. Empty: the lab itself. Other sites need the lab on TLS.',
    ),
  LAB_CREATIONS_PER_MINUTE: whole('per minute', 1, 100000, 120).describe(
    'How many sandboxes may be asked for from one address in a minute, as new learner or as a fresh start.',
  ),
  LAB_MESSAGES_PER_SECOND: whole('per second', 10, 100000, 500).describe(
    'How many messages one tab may send in a second. What comes faster waits; nothing is lost.',
  ),
  LAB_MEMORY_MIB: whole('MiB', 128, 1048576, 1024).describe('Memory limit of one sandbox, in MiB.'),
  LAB_DISK_MIB: whole('MiB', 256, 1048576, 2048).describe(
    'Disk quota of one sandbox, in MiB. A change rebuilds the sandbox image.',
  ),
  LAB_PIDS: whole('processes', 64, 100000, 1024).describe(
    'How many processes and threads one sandbox may have.',
  ),
  LAB_CPUS: z
    .string()
    .default('1.5')
    .refine((text) => /^\d+(\.\d+)?$/.test(text) && Number(text) >= 0.1 && Number(text) <= 1024, {
      message: 'must be a number of processors from 0.1 to 1024',
    })
    .transform(Number)
    .describe('Processors that one sandbox may use; fractions are allowed.'),
  LAB_SWAP_MIB: whole('MiB', 0, 1048576, 0).describe(
    'Swap that one sandbox may use beside its memory, where the kernel counts swap.',
  ),
  LAB_DISK_MBYTES_PER_S: whole('MB/s', 0, 100000, 64).describe(
    'Megabytes that one sandbox may read from its disk, and as many that it may write, in a second. 0: any number.',
  ),
  LAB_DISK_OPS_PER_S: whole('per second', 0, 10000000, 5000).describe(
    'How often one sandbox may read from its disk, and as often write, in a second. 0: any number.',
  ),
  LAB_OPEN_FILES: whole('files', 1024, 1048576, 65536).describe(
    'How many files one process of a sandbox may have open; never more than the lab itself may.',
  ),
  LAB_PTYS: whole('terminals', 8, 4096, 64).describe(
    'How many pseudo-terminals one sandbox may have, those of tmux, script and containers included.',
  ),
  LAB_TOTAL_MEMORY_MIB: whole('MiB', 0, 16777216, 0).describe(
    'Memory of all sandboxes together. 0: what this machine has, less a quarter, at least 768 MiB less.',
  ),
  LAB_TOTAL_PIDS: whole('processes', 0, 4000000, 0).describe(
    'Processes and threads of all sandboxes together. 0: three quarters of what the kernel can have.',
  ),
  LAB_TOTAL_CPUS: z
    .string()
    .default('0')
    .refine((text) => /^\d+(\.\d+)?$/.test(text) && Number(text) <= 4096, {
      message: 'must be a number of processors from 0 to 4096',
    })
    .transform(Number)
    .describe('Processors that all sandboxes together may use. 0: all, but the lab itself goes first.'),
  LAB_DISK_RESERVE_MIB: whole('MiB', 0, 1048576, 1024).describe(
    'Free disk under LAB_STATE_DIR below which no new sandbox is made: new learners wait.',
  ),
  LAB_MAX_SANDBOXES: whole('sandboxes', 1, 10000, 40).describe('How many sandboxes may exist at once.'),
  LAB_MAX_PER_ADDRESS: whole('sandboxes', 0, 10000, 0).describe(
    'How many sandboxes learners from one network address may have at once. 0: any number, since a class often shares one address.',
  ),
  LAB_WARM_MIN: whole('sandboxes', 0, 100, 1).describe(
    'How many sandboxes are always kept ready for learners to come.',
  ),
  LAB_WARM_MAX: whole('sandboxes', 0, 100, 6).describe(
    'How many are kept ready when many learners come. 0: none are made in advance.',
  ),
  LAB_MAX_TERMINALS: whole('terminals', 1, 32, 6).describe('How many terminals one sandbox may have.'),
  LAB_OUTPUT_MBYTES: whole('MB/s', 1, 100000, 64).describe(
    'Megabytes that the terminals of one sandbox may print in a second, on average over a few seconds; a 1024th of it for each processor (at most an eighth), shared by all that flood, while learners of other sandboxes type.',
  ),
  LAB_IDLE_MINUTES: whole('minutes', 1, 100000, 60).describe(
    'A sandbox is destroyed when nobody has typed, clicked or scrolled in any of its pages for so long.',
  ),
  LAB_HIDDEN_MINUTES: whole('minutes', 1, 100000, 45).describe(
    'The same for a sandbox whose pages are all in background tabs.',
  ),
  LAB_MAX_HOURS: whole('hours', 1, 10000, 12).describe(
    'A sandbox is destroyed at this age, used or not, unless its learner asks for more time.',
  ),
  LAB_EXTENSIONS: whole('times', 0, 1000, 3).describe('How often a learner may ask for more time.'),
  LAB_EXTENSION_MINUTES: whole('minutes', 1, 100000, 60).describe('How much more time that is.'),
  LAB_WARN_MINUTES: whole('minutes', 1, 1000, 5).describe(
    'So long before the end of a sandbox its pages are warned.',
  ),
  LAB_SAVE_MIB: whole('MiB', 0, 1024, 16).describe(
    'How much of a learner’s files is kept when their sandbox is destroyed while they are away, to be put into the next one. Counted before compression. 0: nothing is kept.',
  ),
  LAB_SAVE_SECONDS: whole('seconds', 1, 3600, 30).describe(
    'While somebody works, their files are kept so often, since a sandbox may also end without warning.',
  ),
  LAB_SAVED_TOTAL_MIB: whole('MiB', 1, 1048576, 1024).describe(
    'How much is kept of all learners together; the oldest goes first.',
  ),
  LAB_SAVED_DAYS: whole('days', 1, 3650, 7).describe('Kept files of a learner are deleted after so long.'),
  LAB_EXPOSURE: z
    .enum(['local', 'class', 'public'], { error: 'must be "local", "class" or "public"' })
    .default('local')
    .describe(
      'Who can reach this lab: local (you), class (people you know) or public (anybody). With public it does not start on a host with known ways out of a sandbox.',
    ),
  LAB_EGRESS: z
    .enum(['none', 'allow-list', 'open'], { error: 'must be "none", "allow-list" or "open"' })
    .default('none')
    .describe(
      'What sandboxes may reach: nothing; the sites of LAB_EGRESS_ALLOW; or the public internet. Private networks, this machine and mail ports never.',
    ),
  LAB_EGRESS_ALLOW: z
    .string()
    .default('docker.com, docker.io, deb.debian.org')
    .transform(list)
    .refine((names) => names.every((name) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name)), {
      message: 'must be names of sites, comma-separated, such as docker.com, deb.debian.org',
    })
    .describe('Sites of the allow-list, comma-separated, each with everything below it.'),
  LAB_EGRESS_KBYTES: whole('kB/s', 16, 1000000, 2000).describe(
    'Kilobytes that one sandbox may send, and as many that it may receive, in a second.',
  ),
  LAB_EGRESS_CONNECTIONS: whole('connections', 1, 10000, 100).describe(
    'Connections that one sandbox may have open at once.',
  ),
  LAB_REGISTRY_MIRROR: z
    .string()
    .default('')
    .refine((text) => text === '' || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)), {
      message: 'must be an address such as https://mirror.example.org or http://10.0.0.5:5000',
    })
    .describe(
      'Registry that Docker in a sandbox asks first. It may be in a private network. Needs LAB_EGRESS to be something else than none.',
    ),
  LAB_ON_STOP: z
    .enum(['destroy', 'keep'], { error: 'must be "destroy" or "keep"' })
    .default('destroy')
    .describe(
      'What happens to running sandboxes when the lab is stopped: destroy, or keep for the next start.',
    ),
  LAB_DRAIN_MINUTES: whole('minutes', 0, 10080, 15).describe(
    'How long learners may go on after npm run -s drain, before their files are kept and the lab stops.',
  ),
  LAB_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' })
    .default('info')
    .describe('How much the processes write to standard error: debug, info, warn or error.'),
  LAB_DEBIAN_MIRROR: z
    .string()
    .default('')
    .describe('Package mirror for building the sandbox image. Empty: the usual one.'),
})

export type Config = ReturnType<typeof parseConfig>

/** A wrong setting: the message names each variable and what it should be. */
export class ConfigError extends Error {}

/** What the lab's own programs tell each other in the environment; nobody sets these by hand. */
const INTERNAL = ['LAB_DEV', 'LAB_PREVIEW', 'LAB_SOCKET_GID', 'LAB_WEB_SECRET_FILE']

/** One sentence for each `LAB_` variable that is none of ours: a typing error must not pass for a setting. */
function strangers(env: Record<string, string | undefined>): string[] {
  const names = Object.keys(Environment.shape)
  return Object.keys(env)
    .filter(
      (name) => env[name] && name.startsWith('LAB_') && !names.includes(name) && !INTERNAL.includes(name),
    )
    .map((name) => {
      const meant = closest(name, names)
      return `${name} is not a setting of the lab.${meant ? ` Did you mean ${meant}?` : ' All settings: npm run -s config'}`
    })
}

/** A value as it may be shown: secrets and passwords in addresses are left out. */
export function shown(name: keyof typeof Environment.shape, value: string): string {
  if (value !== '' && Environment.shape[name].meta()?.secret) return '(secret)'
  return value.replace(/(\w+:\/\/)[^/\s@]+@/g, '$1(secret)@')
}

/** The configuration in force. Throws ConfigError with one line for each wrong variable. */
export function parseConfig(env: Record<string, string | undefined>) {
  const known = Object.fromEntries(
    Object.keys(Environment.shape)
      .filter((name) => env[name] !== undefined && env[name] !== '')
      .map((name) => [name, env[name]]),
  )
  const parsed = Environment.safeParse(known)
  const wrong = (parsed.error?.issues ?? []).map((issue) => {
    const name = String(issue.path[0]) as keyof typeof Environment.shape
    return `${name}=${shown(name, known[name] ?? '')}: ${issue.message}.`
  })
  if (parsed.data?.LAB_REGISTRY_MIRROR && parsed.data.LAB_EGRESS === 'none')
    wrong.push('LAB_REGISTRY_MIRROR cannot be reached with LAB_EGRESS=none: set LAB_EGRESS=allow-list.')
  const lines = [...new Set([...wrong, ...strangers(env)])]
  if (!parsed.success || lines.length > 0) throw new ConfigError(lines.join('\n'))
  const e = parsed.data
  const stateDir = e.LAB_STATE_DIR || `/var/lib/${e.LAB_NAME}`
  return {
    port: e.PORT,
    host: e.HOST,
    name: e.LAB_NAME,
    stateDir,
    runDir: e.LAB_RUN_DIR || `/run/${e.LAB_NAME}`,
    imageDir: e.LAB_IMAGE_DIR || `${stateDir}/image`,
    origins: e.LAB_ORIGINS,
    basePath: e.LAB_BASE_PATH,
    trustedProxies: e.LAB_TRUSTED_PROXIES,
    frameAncestors: e.LAB_FRAME_ANCESTORS,
    creationsPerMinute: e.LAB_CREATIONS_PER_MINUTE,
    messagesPerSecond: e.LAB_MESSAGES_PER_SECOND,
    limits: {
      memoryBytes: e.LAB_MEMORY_MIB * 1024 * 1024,
      diskMib: e.LAB_DISK_MIB,
      pids: e.LAB_PIDS,
      cpus: e.LAB_CPUS,
      swapBytes: e.LAB_SWAP_MIB * 1024 * 1024,
      openFiles: e.LAB_OPEN_FILES,
      ptys: e.LAB_PTYS,
      diskBytesPerSecond: e.LAB_DISK_MBYTES_PER_S * 1_000_000,
      diskOperationsPerSecond: e.LAB_DISK_OPS_PER_S,
    },
    /** Of all sandboxes together; 0: worked out from the machine. */
    totals: {
      memoryBytes: e.LAB_TOTAL_MEMORY_MIB * 1024 * 1024,
      pids: e.LAB_TOTAL_PIDS,
      cpus: e.LAB_TOTAL_CPUS,
    },
    diskReserveBytes: e.LAB_DISK_RESERVE_MIB * 1024 * 1024,
    maxSandboxes: e.LAB_MAX_SANDBOXES,
    maxPerAddress: e.LAB_MAX_PER_ADDRESS,
    warm: { min: Math.min(e.LAB_WARM_MIN, e.LAB_WARM_MAX), max: e.LAB_WARM_MAX },
    maxTerminals: e.LAB_MAX_TERMINALS,
    /** Bytes in a second, of all terminals of one sandbox. */
    outputRate: e.LAB_OUTPUT_MBYTES * 1_000_000,
    life: {
      idleMs: e.LAB_IDLE_MINUTES * 60_000,
      hiddenMs: e.LAB_HIDDEN_MINUTES * 60_000,
      maxMs: e.LAB_MAX_HOURS * 3_600_000,
      extensions: e.LAB_EXTENSIONS,
      extensionMs: e.LAB_EXTENSION_MINUTES * 60_000,
      warnMs: e.LAB_WARN_MINUTES * 60_000,
    },
    save: {
      bytes: e.LAB_SAVE_MIB * 1024 * 1024,
      everyMs: e.LAB_SAVE_SECONDS * 1000,
      totalBytes: e.LAB_SAVED_TOTAL_MIB * 1024 * 1024,
      days: e.LAB_SAVED_DAYS,
    },
    exposure: e.LAB_EXPOSURE,
    /** Null: sandboxes have no way out. */
    egress:
      e.LAB_EGRESS === 'none'
        ? null
        : {
            mode: e.LAB_EGRESS,
            names: e.LAB_EGRESS_ALLOW,
            kilobytesPerSecond: e.LAB_EGRESS_KBYTES,
            connections: e.LAB_EGRESS_CONNECTIONS,
            mirror: e.LAB_REGISTRY_MIRROR ? new URL(e.LAB_REGISTRY_MIRROR) : null,
          },
    onStop: e.LAB_ON_STOP,
    drainMinutes: e.LAB_DRAIN_MINUTES,
    logLevel: e.LAB_LOG_LEVEL,
    debianMirror: e.LAB_DEBIAN_MIRROR,
  }
}
