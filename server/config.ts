/** Everything that can be configured, from environment variables, each refused with a sentence if it is wrong. */
import { z } from 'zod'

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

/** The environment variables; `.env.example` lists the same ones. */
export const Environment = z.object({
  PORT: whole('TCP port', 0, 65535, 3000).describe('TCP port of the web site; 0 picks a free one.'),
  HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address to listen on. The default is reachable from this machine only.'),
  LAB_NAME: z
    .string()
    .default('runclab')
    .refine((name) => /^[a-z][a-z0-9-]{0,31}$/.test(name), {
      message: 'must be lower-case letters, digits and dashes, beginning with a letter (at most 32)',
    })
    .describe('Names this lab on this machine: its cgroup and its folders. Two labs need two names.'),
  LAB_STATE_DIR: folder().describe('Images and sandbox disks. Default: /var/lib/<LAB_NAME>.'),
  LAB_RUN_DIR: folder().describe('Sockets and runtime state. Default: /run/<LAB_NAME>.'),
  LAB_IMAGE_DIR: folder().describe('The sandbox image. Default: <LAB_STATE_DIR>/image.'),
  LAB_ORIGINS: z
    .string()
    .default('')
    .describe(
      'Further origins that may open a WebSocket, comma-separated, such as https://lab.example.org. An address, localhost and the own name of this machine need not be listed.',
    ),
  LAB_MEMORY_MIB: whole('MiB', 128, 1048576, 1024).describe('Memory limit of one sandbox.'),
  LAB_DISK_MIB: whole('MiB', 256, 1048576, 2048).describe('Disk quota of one sandbox.'),
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
    .describe('Processors that one sandbox may use.'),
  LAB_MAX_SANDBOXES: whole('sandboxes', 1, 10000, 40).describe('How many sandboxes may exist at once.'),
  LAB_MAX_TERMINALS: whole('terminals', 1, 32, 6).describe('How many terminals one sandbox may have.'),
  LAB_IDLE_MINUTES: whole('minutes', 1, 100000, 60).describe(
    'A sandbox that nobody has looked at for so long is destroyed.',
  ),
  LAB_MAX_HOURS: whole('hours', 1, 10000, 12).describe('A sandbox is destroyed at this age, used or not.'),
  LAB_ON_STOP: z
    .enum(['destroy', 'keep'], { error: 'must be "destroy" or "keep"' })
    .default('destroy')
    .describe(
      'What happens to running sandboxes when the lab is stopped. Kept ones are found again by the next start.',
    ),
  LAB_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' })
    .default('info')
    .describe('How much the two processes write to standard error.'),
  LAB_DEBIAN_MIRROR: z
    .string()
    .default('')
    .describe('Package mirror for building the sandbox image. Empty: the usual one.'),
})

export type Config = ReturnType<typeof parseConfig>

/** A wrong setting: the message names each variable and what it should be. */
export class ConfigError extends Error {}

/** The configuration in force. Throws ConfigError with one line for each wrong variable. */
export function parseConfig(env: Record<string, string | undefined>) {
  const known = Object.fromEntries(
    Object.keys(Environment.shape)
      .filter((name) => env[name] !== undefined && env[name] !== '')
      .map((name) => [name, env[name]]),
  )
  const parsed = Environment.safeParse(known)
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0])
      return `${name}=${known[name]}: ${issue.message}.`
    })
    throw new ConfigError([...new Set(lines)].join('\n'))
  }
  const e = parsed.data
  const stateDir = e.LAB_STATE_DIR || `/var/lib/${e.LAB_NAME}`
  return {
    port: e.PORT,
    host: e.HOST,
    name: e.LAB_NAME,
    stateDir,
    runDir: e.LAB_RUN_DIR || `/run/${e.LAB_NAME}`,
    imageDir: e.LAB_IMAGE_DIR || `${stateDir}/image`,
    origins: e.LAB_ORIGINS.split(',')
      .map((origin) => origin.trim())
      .filter(Boolean),
    limits: {
      memoryBytes: e.LAB_MEMORY_MIB * 1024 * 1024,
      diskMib: e.LAB_DISK_MIB,
      pids: e.LAB_PIDS,
      cpus: e.LAB_CPUS,
    },
    maxSandboxes: e.LAB_MAX_SANDBOXES,
    maxTerminals: e.LAB_MAX_TERMINALS,
    idleMs: e.LAB_IDLE_MINUTES * 60_000,
    maxLifeMs: e.LAB_MAX_HOURS * 3_600_000,
    onStop: e.LAB_ON_STOP,
    logLevel: e.LAB_LOG_LEVEL,
    debianMirror: e.LAB_DEBIAN_MIRROR,
  }
}
