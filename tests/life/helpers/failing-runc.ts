/** A sandbox image whose runtime fails in the way a test wants at the calls a test wants; everything else of it is the real one. */
import fs from 'node:fs'
import path from 'node:path'
import { currentImage } from '../../../server/host/providers/runc/image.ts'
import { imagePaths } from '../../../server/host/providers/runc/paths.ts'

/** The calls that the host process makes. */
export const CALLS = {
  create: 'run --detach',
  terminal: 'exec --tty',
  agent: '/usr/lib/runclab/agent',
  lens: '/usr/lib/runclab/lens',
  keep: 'tar --create',
  restore: 'tar --extract',
} as const
export type Call = keyof typeof CALLS

/**
 * - fails: says so and does nothing
 * - hangs: for ever
 * - dies: killed before it has done anything
 * - is slow: does it two seconds later
 * - lies: does it, and says that it failed
 */
export type Way = 'fails' | 'hangs' | 'dies' | 'is slow' | 'lies'

const SCRIPT = (real: string, dir: string) => `#!/bin/bash
# Each line of the plan is good for one call: the way, a bar, and what the call's arguments contain.
exec 9< '${dir}/lock'; flock 9
way= rest=
while IFS='|' read -r each text; do
  if [ -z "$way" ] && [[ "$*" == *"$text"* ]]; then way=$each; else rest+="$each|$text"$'\\n'; fi
done < '${dir}/plan'
[ -z "$way" ] || { printf %s "$rest" > '${dir}/plan.new'; mv '${dir}/plan.new' '${dir}/plan'; }
exec 9<&-
complain() {
  for ((i = 1; i <= $#; i++)); do [ "\${!i}" != --log ] || { i=$((i + 1)); echo '{"level":"error","msg":"the runtime has a bad day"}' >> "\${!i}"; }; done
  echo 'the runtime has a bad day' >&2
}
case $way in
  fails) complain "$@"; exit 1 ;;
  hangs) exec -a 'hangs ${dir}' sleep infinity ;;
  dies) kill -KILL $$ ;;
  'is slow') sleep 2 ;;
  lies) '${real}' "$@"; complain "$@"; exit 1 ;;
esac
exec '${real}' "$@"
`

export class FailingRunc {
  /** For LAB_IMAGE_DIR. */
  readonly imageDir: string

  constructor(dir: string, realImageDir: string) {
    const real = currentImage(realImageDir)
    const image = imagePaths(path.join(dir, 'image', 'failing'))
    fs.mkdirSync(path.dirname(image.runc), { recursive: true })
    for (const part of ['rootfs', 'template', 'withoutDocker', 'idmap', 'launch', 'hold'] as const)
      fs.symlinkSync(real[part], image[part])
    fs.writeFileSync(image.runc, SCRIPT(real.runc, dir), { mode: 0o755 })
    for (const name of ['plan', 'lock']) fs.writeFileSync(path.join(dir, name), '')
    fs.writeFileSync(path.join(dir, 'image', 'current'), 'failing\n')
    this.imageDir = path.join(dir, 'image')
    this.#plan = path.join(dir, 'plan')
  }

  readonly #plan: string

  /** The next calls of this kind go this way, so many of them. */
  next(call: Call, way: Way, times = 1): void {
    fs.appendFileSync(this.#plan, `${way}|${CALLS[call]}\n`.repeat(times))
  }

  /** All that was planned has happened. */
  get isDone(): boolean {
    return fs.readFileSync(this.#plan, 'utf8').trim() === ''
  }

  /** Nothing more goes wrong. */
  calm(): void {
    fs.writeFileSync(this.#plan, '')
  }
}
