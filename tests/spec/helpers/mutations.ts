/** A seeded generator of mistakes: takes valid configs and spoils one thing in each, as people and tools do. */
import fs from 'node:fs'
import path from 'node:path'
import { applyPatch, type PatchOperation } from '../../../spec/edit.ts'
import { applyEdits } from '../../../spec/text.ts'
import { ROOT } from '../../helpers/lab.ts'

export interface Mutant {
  /** What was done to which seed. */
  name: string
  text: string
}

/** A small generator of numbers that are the same for the same seed. */
export class Random {
  #state: number
  constructor(seed: number) {
    this.#state = seed
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % limit
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }
}

type Json = unknown
const set = (path: string, value: Json): PatchOperation => ({ op: 'add', path, value })

/** What makes a fresh `runc spec` end by itself and say that it ran. */
const RUNS: PatchOperation[] = [
  { op: 'replace', path: '/process/terminal', value: false },
  { op: 'replace', path: '/process/args', value: ['sh', '-c', 'echo it-ran'] },
]

const MAP = [{ containerID: 0, hostID: 0, size: 65536 }]

const SECCOMP = {
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  syscalls: [
    {
      names: ['mkdir', 'mkdirat'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: 1,
      args: [{ index: 1, value: 511, valueTwo: 0, op: 'SCMP_CMP_EQ' }],
    },
  ],
}

/** Seeds by name: patches of a fresh `runc spec`; each of them runs. */
export const SEEDS: Record<string, PatchOperation[]> = {
  plain: RUNS,
  limits: [
    ...RUNS,
    set('/linux/resources/memory', {
      limit: 67108864,
      reservation: 33554432,
      swap: 67108864,
      swappiness: 10,
    }),
    set('/linux/resources/cpu', { shares: 512, quota: 50000, period: 100000, cpus: '0', mems: '0' }),
    set('/linux/resources/pids', { limit: 64 }),
    set('/linux/cgroupsPath', '/lab/mutant'),
    set('/process/oomScoreAdj', 100),
  ],
  user: [
    ...RUNS,
    set('/linux/namespaces/-', { type: 'user' }),
    set('/linux/uidMappings', MAP),
    set('/linux/gidMappings', MAP),
    set('/process/user', { uid: 1000, gid: 1000, umask: 18, additionalGids: [10, 20] }),
  ],
  extras: [
    ...RUNS,
    set('/linux/seccomp', SECCOMP),
    set('/linux/sysctl', { 'net.ipv4.ip_forward': '1', 'kernel.msgmax': '4096' }),
    set('/hooks', {
      createRuntime: [{ path: '/bin/true', args: ['true'], env: ['A=1'], timeout: 5 }],
      poststop: [{ path: '/bin/true' }],
    }),
    set('/annotations', { 'org.example.note': 'x' }),
    set('/linux/namespaces/-', { type: 'cgroup' }),
    set('/linux/namespaces/-', { type: 'time' }),
    set('/linux/timeOffsets', { monotonic: { secs: 86400, nanosecs: 0 }, boottime: { secs: 86400 } }),
    set('/linux/devices', [
      { path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 438, uid: 0, gid: 0 },
    ]),
    set('/linux/personality', { domain: 'LINUX' }),
    set('/linux/rootfsPropagation', 'rslave'),
    set('/process/scheduler', { policy: 'SCHED_OTHER', nice: 5 }),
    set('/process/ioPriority', { class: 'IOPRIO_CLASS_BE', priority: 4 }),
    set('/domainname', 'example'),
    set('/process/consoleSize', { height: 24, width: 80 }),
    set('/mounts/-', { destination: '/data', type: 'bind', source: '/tmp', options: ['rbind', 'ro'] }),
    set('/mounts/-', {
      destination: '/scratch',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'size=64m'],
    }),
  ],
}

/** Values that a field may be given by mistake, or rightly, by its pointer. */
const VALUES: Record<string, readonly Json[]> = JSON.parse(
  fs.readFileSync(path.join(ROOT, 'tests/spec/files/values.json'), 'utf8'),
)

const OTHER_TYPES: readonly Json[] = [null, true, 0, -1, 1.5, 'text', '', [], {}, [1], { a: 1 }, '1', 1e30]

/** All values of a JSON document by pointer, containers and leaves. */
function pointers(value: Json, at = ''): { pointer: string; value: Json }[] {
  const inner =
    value && typeof value === 'object'
      ? Object.entries(value).flatMap(([key, item]) =>
          pointers(item, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
        )
      : []
  return at === '' ? inner : [{ pointer: at, value }, ...inner]
}

/** The text after a JSON patch. */
export const spoilt = (text: string, patch: PatchOperation[]) => applyEdits(text, applyPatch(text, patch))

/** Spoils a word: two letters swapped, one lost, one doubled, another case, an ending. */
function misspell(word: string, random: Random): string {
  const at = random.below(Math.max(1, word.length - 1))
  switch (random.below(7)) {
    case 0:
      return word.slice(0, at) + (word[at + 1] ?? '') + word[at] + word.slice(at + 2)
    case 1:
      return word.slice(0, at) + word.slice(at + 1)
    case 2:
      return word.slice(0, at) + word[at] + word.slice(at)
    case 3:
      return word.toUpperCase()
    case 4:
      return word.toLowerCase()
    case 5:
      return word.endsWith('s') ? word.slice(0, -1) : `${word}s`
    default:
      return word.length > 0 ? word[0]!.toUpperCase() + word.slice(1) : 'x'
  }
}

function numberNear(value: number, random: Random): Json {
  return random.pick<Json>([
    -value,
    value + 1,
    value - 1,
    0,
    -1,
    value * 1000,
    value / 3,
    String(value),
    value * 2 ** 40,
    4294967296,
    65536,
  ])
}

type Family = (text: string, config: Json, random: Random) => { name: string; text: string } | null

const families: Family[] = [
  function value(text, _config, random) {
    const pointer = random.pick(Object.keys(VALUES))
    const value = random.pick(VALUES[pointer]!)
    return { name: `${pointer} = ${JSON.stringify(value)}`, text: spoilt(text, [set(pointer, value)]) }
  },
  function remove(text, config, random) {
    const { pointer } = random.pick(pointers(config))
    return { name: `without ${pointer}`, text: spoilt(text, [{ op: 'remove', path: pointer }]) }
  },
  function retype(text, config, random) {
    const { pointer } = random.pick(pointers(config))
    const value = random.pick(OTHER_TYPES)
    return {
      name: `${pointer} of another type: ${JSON.stringify(value)}`,
      text: spoilt(text, [{ op: 'replace', path: pointer, value }]),
    }
  },
  function number(text, config, random) {
    const { pointer, value } = random.pick(pointers(config).filter(({ value }) => typeof value === 'number'))
    const other = numberNear(value as number, random)
    return {
      name: `${pointer}: ${JSON.stringify(other)} for ${value}`,
      text: spoilt(text, [{ op: 'replace', path: pointer, value: other }]),
    }
  },
  function word(text, config, random) {
    const { pointer, value } = random.pick(pointers(config).filter(({ value }) => typeof value === 'string'))
    const other = misspell(value as string, random)
    return {
      name: `${pointer}: "${other}" for "${value}"`,
      text: spoilt(text, [{ op: 'replace', path: pointer, value: other }]),
    }
  },
  function key(text, config, random) {
    const { pointer } = random.pick(pointers(config).filter(({ pointer }) => !/\/\d+$/.test(pointer)))
    const name = pointer.slice(pointer.lastIndexOf('/') + 1)
    const other = misspell(name, random)
    if (other.includes('~')) return null
    return { name: `key ${other} for ${pointer}`, text: text.replace(`"${name}":`, `"${other}":`) }
  },
  function twice(text, config, random) {
    const { pointer } = random.pick(pointers(config).filter(({ pointer }) => /\/\d+$/.test(pointer)))
    return { name: `${pointer} twice`, text: spoilt(text, [{ op: 'copy', from: pointer, path: pointer }]) }
  },
  function misplaced(text, config, random) {
    const all = pointers(config)
    const { pointer } = random.pick(all)
    const name = pointer.slice(pointer.lastIndexOf('/') + 1)
    const target = random.pick(['/process', '/linux', '/root', '/linux/resources', ''])
    if (pointer === target || target.startsWith(pointer)) return null
    return {
      name: `${pointer} moved into ${target || 'the top'}`,
      text: spoilt(text, [{ op: 'move', from: pointer, path: `${target}/${name}` }]),
    }
  },
  function swapped(text, config, random) {
    const lists = pointers(config).filter(({ value }) => Array.isArray(value) && value.length > 1)
    const { pointer, value } = random.pick(lists)
    const length = (value as Json[]).length
    const [from, to] = [random.below(length), random.below(length)]
    return from === to
      ? null
      : {
          name: `${pointer}/${from} moved to ${to}`,
          text: spoilt(text, [{ op: 'move', from: `${pointer}/${from}`, path: `${pointer}/${to}` }]),
        }
  },
  function bytes(text, _config, random) {
    const at = random.below(text.length)
    const marks = [...text.matchAll(/[{}[\]",:\d]/g)].map((found) => found.index)
    const mark = random.pick(marks)
    switch (random.below(6)) {
      case 0:
        return { name: `character ${mark} deleted`, text: text.slice(0, mark) + text.slice(mark + 1) }
      case 1:
        return {
          name: `character ${mark} doubled`,
          text: text.slice(0, mark) + text[mark] + text.slice(mark),
        }
      case 2:
        return { name: `cut at ${at}`, text: text.slice(0, at) }
      case 3: {
        const put = random.pick([
          ',',
          '"',
          "'",
          '// x\n',
          '/* x */',
          '\\',
          '{',
          ']',
          '0',
          'null',
          '\u00e9',
          '#',
        ])
        return {
          name: `${JSON.stringify(put)} put in at ${mark}`,
          text: text.slice(0, mark) + put + text.slice(mark),
        }
      }
      case 4: {
        const literal = random.pick([...text.matchAll(/true|false|\d+/g)])
        const put = random.pick([
          'True',
          'yes',
          '0644',
          '0x10',
          '1_000',
          '1.',
          '.5',
          '+1',
          'NaN',
          "'x'",
          '64*1024',
          '1e3',
          '-0',
          'TRUE',
          '5m',
          'undefined',
        ])
        return {
          name: `${put} at ${literal.index}`,
          text: text.slice(0, literal.index) + put + text.slice(literal.index + literal[0].length),
        }
      }
      default:
        return {
          name: 'something around',
          text: random.pick([
            `\ufeff${text}`,
            `${text}\n}`,
            `${text} garbage`,
            `// c\n${text}`,
            `[${text}]`,
            '',
            'null',
            '[]',
            '"x"',
            '{}',
            `${text}${text}`,
            ' ',
            '42',
          ]),
        }
    }
  },
]

/** `count` mutants of the seeds, the same for the same number. */
export function mutants(fresh: string, seed: number, count: number): Mutant[] {
  const random = new Random(seed)
  const seeds = Object.entries(SEEDS).map(([name, patch]) => ({ name, text: spoilt(fresh, patch) }))
  const made = new Map<string, Mutant>()
  // Values are the family that says most; the others take turns.
  const turns = [families[0]!, families[0]!, families[0]!, families[0]!, ...families]
  for (let tries = 0; made.size < count && tries < count * 20; tries++) {
    const { name, text } = random.pick(seeds)
    const family = random.pick(turns)
    let mutant: ReturnType<Family> = null
    try {
      mutant = family(text, JSON.parse(text), random)
    } catch {
      // The seed has nothing that this family could spoil.
    }
    if (mutant && mutant.text !== text)
      made.set(mutant.text, { name: `${name}: ${mutant.name}`, text: mutant.text })
  }
  return [...made.values()]
}
