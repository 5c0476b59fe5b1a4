/** Starts a sandbox whose folder, cgroups and config are there: its disk, its overlay on the shared image, its first process. */
import fs from 'node:fs'
import { ID_MAP } from './id-ranges.ts'
import type { ImagePaths, sandboxPaths } from './paths.ts'
import type { SandboxRecord } from './record.ts'
import { CommandError, run } from './run.ts'
import { RIGHTS } from './tiers.ts'

/**
 * Everything happens in a mount namespace of its own: the disk, the overlay on the shared image, then the runtime. When
 * the shell has become runc and runc has ended, the mounts are seen by the container alone and go with its last
 * process, so a crash at any moment leaves no mount and no loop device behind.
 *
 * The disk's bytes go past the host's page cache: a learner who fills theirs would otherwise keep the host busy with
 * copying and writing back for everybody. It waits for the copy to be on the disk, so nobody waits for it; where the file
 * system below cannot do it, the disk works as before.
 */
const CREATE = `set -e
echo 0 > "$MAKE_PROCS"
cp --sparse=always "$TEMPLATE" "$DISK"
mount -o loop,nodev,noatime "$DISK" "$DISK_MOUNT"
set -- $(findmnt --first-only --noheadings --output MAJ:MIN,SOURCE --mountpoint "$DISK_MOUNT")
echo "$1"
losetup --direct-io=on "$2" </dev/null >/dev/null 2>&1 &
set -- "$DISK_MOUNT" "$DISK_MOUNT" "$IMAGE_ROOTFS" "$IMAGE_ROOTFS" \${COVER:+"$COVER" "$COVER"}
[ -z "$IDMAP" ] || "$IDMAP" $IDS "$@"
mount -t overlay overlay -o "lowerdir=\${COVER:+$COVER:}$IMAGE_ROOTFS,upperdir=$DISK_MOUNT/upper,workdir=$DISK_MOUNT/work,nodev" "$ROOTFS"
[ -x "$RUNC" ] || { echo "there is no runtime at $RUNC" >&2; exit 127; }
exec "$RUNC" --root "$RUNC_ROOT" --log "$LOG" --log-format json run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1`

export interface StartPlace {
  at: ReturnType<typeof sandboxPaths>
  image: ImagePaths
  runcRoot: string
  /** The file of the cgroup that pays for the making. */
  makeProcs: string
}

/** Resolves when the runtime has started the first process, to the disk's device, such as `7:3`. Rejects with a CommandError that says what it complained about. */
export async function start(
  { id, tier, idBase }: SandboxRecord,
  { at, image, runcRoot, makeProcs }: StartPlace,
): Promise<string> {
  const env = {
    IDMAP: idBase === ID_MAP.hostID ? '' : image.idmap,
    IDS: `${ID_MAP.hostID} ${idBase} ${ID_MAP.size}`,
    COVER: RIGHTS[tier].docker ? '' : image.withoutDocker,
    IMAGE_ROOTFS: image.rootfs,
    MAKE_PROCS: makeProcs,
    TEMPLATE: image.template,
    DISK: at.disk,
    DISK_MOUNT: at.diskMount,
    ROOTFS: at.rootfs,
    RUNC: image.runc,
    RUNC_ROOT: runcRoot,
    LOG: at.log,
    BUNDLE: at.dir,
    ID: id,
  }
  try {
    const args = ['--mount', '--propagation', 'private', '/bin/sh', '-c', CREATE]
    return (await run('/usr/bin/unshare', args, { env })).trim()
  } catch (error) {
    throw new CommandError(
      `the sandbox could not be started: ${complaints(at.log) || (error as Error).message}`,
    )
  }
}

/** What the runtime's log complains about, in one line; empty if it does not. Its last words alone rarely name the cause. */
function complaints(log: string): string {
  if (!fs.existsSync(log)) return ''
  const lines = fs.readFileSync(log, 'utf8').split('\n').filter(Boolean)
  const entries: { level: string; msg: string }[] = lines.map((line) => {
    try {
      return JSON.parse(line)
    } catch {
      // Cut off.
      return { level: 'error', msg: line }
    }
  })
  return entries.flatMap(({ level, msg }) => (/error|fatal/.test(level) ? [msg] : [])).join('; ')
}
