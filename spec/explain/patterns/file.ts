/** Messages about the file config.json itself, and about the bundle and rootfs. */
import { STRUCTS } from '../../go/types.ts'
import type { Pattern } from '../pattern.ts'

const KINDS: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  bool: 'true or false',
  object: 'an object in braces',
  array: 'a list in brackets',
}

function wanted(type: string): string {
  if (type === 'string') return 'a string in double quotes'
  if (type === 'bool') return 'true or false, without quotes'
  if (type.startsWith('[]string')) return 'a list of strings, such as ["a", "b"]'
  if (type.startsWith('[]')) return 'a list of objects, such as [{ … }]'
  if (type.startsWith('map')) return 'an object with names and values'
  if (type === 'fs.FileMode') return 'a whole number in decimal (0666 is 438)'
  if (/^u?int/.test(type))
    return `a whole number${type.startsWith('u') ? ' that is not negative' : ''} (${type})`
  return 'an object in braces, such as { … }'
}

/** The pointer that Go's path of fields names. Lists have no index in it: the pointer ends at the first list. */
function pointerOf(path: string): string {
  let struct = 'Spec'
  let pointer = ''
  for (const field of path.split('.')) {
    const type = STRUCTS[struct]?.[field]
    pointer += `/${field}`
    if (!type || /^(\[\]|map)/.test(type)) break
    struct = type.replace(/^\*/, '')
  }
  return pointer
}

export const filePatterns: readonly Pattern[] = [
  {
    id: 'number-rounded',
    match:
      /cannot unmarshal number (?<value>18446744073709552000|1\.8446744073709552e\+?19|9223372036854776000) into Go struct field \w+\.(?<path>\S+) of type (?<type>\S+)/,
    title: 'A large number was rounded by a tool',
    explanation: ({ value }) =>
      `${value} is not the number that was meant: a tool that keeps numbers as floating point, such as JavaScript or jq before 1.7, has read the file and written it again, and 64-bit numbers do not survive that.`,
    fix: ({ type }) =>
      `Edit the text, not the parsed file. No limit is ${type === 'uint64' ? '18446744073709551615' : '9223372036854775807, or -1'}.`,
    pointer: ({ path }) => pointerOf(path!),
  },
  {
    id: 'type-mismatch',
    match:
      /cannot unmarshal (?<kind>string|number|bool|object|array)(?: (?<value>\S+))? into Go (?:struct field \w+\.(?<path>\S+)|value) of type (?<type>\S+?)"?$/,
    title: ({ path, kind }) =>
      path ? `"${path.split('.').at(-1)}" must not be ${KINDS[kind!]}` : 'The file must hold one object',
    explanation: ({ path, kind, value, type }) =>
      `${path ? `At ${path.replaceAll('.', ' → ')}` : 'At the top'} the file has ${KINDS[kind!]}${value ? ` (${value})` : ''}; runc reads ${wanted(type!)} there.${value && kind === 'number' ? ' A fraction, an exponent or a number outside of the range does not fit.' : ''}`,
    fix: ({ type, value }) =>
      value === '-1' && type === 'uint64'
        ? 'For no limit write 18446744073709551615.'
        : `Write ${wanted(type!)}.`,
    pointer: ({ path }) => (path ? pointerOf(path) : ''),
  },
  {
    id: 'json-syntax',
    match:
      /invalid character '(?<char>\\+'|\\?[^'\\]+|\\+[^'])'(?<context> (?:looking for|after|in) [^"\\]+?(?:\(expecting '.'\))?)(?=["\\]|$)/,
    title: 'config.json is not valid JSON',
    explanation: ({ char, context }) => {
      if (char === 'ï')
        return 'The file begins with an invisible byte-order mark, which some Windows editors write.'
      if (char === '/') return 'Go stopped at a slash: JSON has no comments.'
      if (/^\\*'$/.test(char!)) return 'Go stopped at a single quote: strings stand in double quotes.'
      if (char === '}' && context!.includes('object key'))
        return 'Go stopped at a }: there is a comma before it, after the last entry.'
      if (char === ']' && context!.includes('value'))
        return 'Go stopped at a ]: there is a comma before it, after the last entry.'
      if (char === ',')
        return 'Go stopped at a comma where a value or key should be: there is one comma too many.'
      if (char === '"' && context!.includes('after'))
        return 'Go stopped at a quote: the comma between this entry and the one before is missing.'
      if (char === '\\n' || char === '\\t')
        return 'A string contains a line break or tab; often its closing quote is missing.'
      if (char === '*') return 'Go stopped at a *: JSON does no sums.'
      if (/^\d$/.test(char!) && context!.includes('after'))
        return 'Go stopped inside a number: JSON knows no leading zero and no octal numbers.'
      return `Go stopped at the character ${char},${context}.`
    },
    fix: 'The editor marks the place; runc itself names no line. `npm run -s lint:spec -- FILE` and `jq . config.json` do.',
    pointer: '',
  },
  {
    id: 'json-unfinished',
    match: /unexpected EOF/,
    title: 'config.json ends in the middle',
    explanation: 'A closing }, ] or quote is missing, or the file was cut off while it was written.',
    fix: 'Go to the end of the file: every { needs its }, every [ its ].',
    pointer: '',
  },
  {
    id: 'json-null',
    match: /config cannot be null/,
    title: 'config.json says null',
    explanation: 'The file is valid JSON, but holds nothing.',
    fix: 'Delete it and let `runc spec` write a new one.',
    pointer: '',
  },
  {
    id: 'config-missing',
    match: /JSON specification file (?<file>\S+) not found/,
    title: ({ file }) => `There is no ${file} here`,
    explanation: 'runc looks for the file in the current directory, or in the one given with --bundle.',
    fix: 'Change to the bundle (cd /tmp/mycontainer), or let `runc spec` write one.',
    pointer: null,
  },
  {
    id: 'config-exists',
    match: /File config\.json exists\. Remove it first/,
    title: '`runc spec` does not overwrite config.json',
    explanation: 'There is one already, and your changes would be lost.',
    fix: 'Keep it, or: mv config.json config.json.old && runc spec',
    pointer: null,
  },
  {
    id: 'root-missing',
    match: /root must be specified/,
    title: 'There is no "root" section',
    explanation: 'runc makes the directory root.path the / of the container, so it must be told which.',
    fix: 'Add "root": { "path": "rootfs" }.',
    pointer: '/root',
  },
  {
    id: 'rootfs-missing',
    match: /invalid rootfs: (?:stat|lstat) (?<path>\S+): no such file or directory/,
    title: ({ path }) => `There is no ${path}`,
    explanation: 'root.path must name a directory that exists; a relative one is taken from the bundle.',
    fix: 'Correct "root.path", or unpack a root file system: mkdir rootfs && docker export $(docker create busybox) | tar -C rootfs -xf -',
    pointer: '/root/path',
  },
  {
    id: 'rootfs-symlink',
    match: /invalid rootfs: not an absolute path, or a symlink/,
    title: 'root.path is a symbolic link, or lies behind one',
    explanation: 'runc wants the real path of the root file system, so that nobody can swap it under runc.',
    fix: 'Use the target of the link: `readlink -f rootfs`. If the bundle itself is reached through a link, cd to its real path.',
    pointer: '/root/path',
  },
  {
    id: 'rootfs-not-directory',
    match:
      /unable to start init: (?:fork\/exec|chdir) \S+: not a directory|prepar\w+ rootfs.*not a directory/,
    title: 'root.path is a file, not a directory',
    explanation: 'An archive must be unpacked before it can be a root file system.',
    fix: 'mkdir rootfs && tar -C rootfs -xf FILE, and set "path": "rootfs".',
    pointer: '/root/path',
  },
  {
    id: 'rootfs-unreachable',
    match: /error preparing rootfs: .*permission denied/,
    title: 'root inside the container may not reach the rootfs',
    explanation:
      'With a user namespace, root in the container is an ordinary user outside. It needs x on every directory above the rootfs, and a bundle in a folder with mode 0700 is closed to it.',
    fix: 'chmod a+x the directories above (`namei -l $PWD/rootfs` shows them), and give the rootfs to the mapped user.',
    pointer: '/root/path',
  },
  {
    id: 'root-path-host',
    match: /error jailing process inside rootfs: (?<step>pivot_root|chroot|mount)[^:]*: (?<reason>.+)/,
    title: 'runc could not make the rootfs the / of the container',
    explanation: ({ reason }) =>
      `The kernel says "${reason}". That happens when root.path is / itself, or the bundle lies on the initial ramdisk.`,
    fix: 'Use a directory of its own as root.path; on a ramdisk try `runc run --no-pivot`.',
    pointer: '/root/path',
  },
  {
    id: 'bundle-missing',
    match: /chdir (?<path>\S+): no such file or directory/,
    title: ({ path }) => `There is no bundle ${path}`,
    explanation: 'The directory given with --bundle (-b) does not exist.',
    fix: 'Check the path for typing errors.',
    pointer: null,
  },
]
