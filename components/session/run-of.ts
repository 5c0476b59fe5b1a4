/** Which bundle a command line has runc run, as far as that can be told from its words. Pure. */

export interface RuncRun {
  verb: 'run' | 'create'
  /** Absolute path of the bundle. */
  bundle: string
}

/** Options that take a value as the next word. */
const WITH_VALUE = new Set([
  '--root',
  '--log',
  '--log-format',
  '--rootless',
  '--criu',
  '--console-socket',
  '--pid-file',
  '--preserve-fds',
  '--bundle',
  '-b',
])

/** Null if it runs no container, or in a way that cannot be told. */
export function runOf(command: string, cwd: string): RuncRun | null {
  let here = cwd || '/root'
  for (const words of sentences(command)) {
    const at = words.findIndex((word) => word === 'runc' || word.endsWith('/runc'))
    if (words[0] === 'cd') here = resolve(here, words.find((word, i) => i > 0 && word !== '--') ?? '~')
    // In front of it only what runs another program.
    else if (
      at >= 0 &&
      words.slice(0, at).every((word) => /^(sudo|time|exec|env|nohup|\w+=.*)$/.test(word))
    ) {
      const found = runcRun(words.slice(at + 1), here)
      if (found) return found
    }
  }
  return null
}

function runcRun(words: string[], cwd: string): RuncRun | null {
  let verb: RuncRun['verb'] | null = null
  let bundle: string | null = null
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    const given = /^(?:--bundle|-b|-bundle)=(.*)$/.exec(word)?.[1]
    if (given !== undefined) bundle = given
    else if (/^(--?bundle|-b)$/.test(word)) bundle = words[++i] ?? null
    else if (WITH_VALUE.has(word)) i++
    else if (!word.startsWith('-') && !verb) {
      if (word !== 'run' && word !== 'create') return null
      verb = word
    }
  }
  return verb && { verb, bundle: resolve(cwd, bundle ?? '.') }
}

/** Words of each simple command, quotes taken away; redirections are words like others. */
function sentences(command: string): string[][] {
  const found: string[][] = [[]]
  for (const [piece] of command.matchAll(
    /'[^']*'|"(?:\\.|[^"\\])*"|&&|\|\||[;|&\n()]|(?:\\.|[^\s;|&()'"])+|\s+/g,
  )) {
    const last = found.at(-1)!
    if (/^(&&|\|\||[;|&\n()])$/.test(piece)) found.push([])
    else if (/^\s+$/.test(piece)) last.push('')
    else {
      const word = /^['"]/.test(piece) ? piece.slice(1, -1) : piece.replace(/\\(.)/g, '$1')
      // Pieces without space between them are one word.
      if (last.length > 0 && last.at(-1) !== '') last[last.length - 1] += word
      else last.splice(last.length - (last.at(-1) === '' ? 1 : 0), 1, word)
    }
  }
  return found.map((words) => words.filter(Boolean)).filter((words) => words.length > 0)
}

function resolve(cwd: string, path: string): string {
  const home = path === '~' || path.startsWith('~/') ? `/root${path.slice(1)}` : path
  const parts: string[] = []
  for (const part of (home.startsWith('/') ? home : `${cwd}/${home}`).split('/')) {
    if (part === '..') parts.pop()
    else if (part && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}
