/** Where the runc provider keeps its things on this host. */
import path from 'node:path'

/** One built sandbox image; `dir` is its folder under the image directory. */
export function imagePaths(dir: string) {
  return {
    dir,
    /** The root file system, unpacked with the owners that sandboxes are mapped to. */
    rootfs: path.join(dir, 'rootfs'),
    /** A formatted disk with Docker's storage on it, copied for every sandbox. */
    template: path.join(dir, 'template.img'),
    /** This host's own copy of runc with its libraries: never a file that a sandbox can reach. */
    runc: path.join(dir, 'runtime/runc'),
    /** An overlay layer that takes Docker's programs away again, for the tiers without them. */
    withoutDocker: path.join(dir, 'without-docker'),
    /** Shows folders with shifted owners. */
    idmap: path.join(dir, 'runtime/idmap'),
    /** Starts a program with no descriptors but its standard three. */
    launch: path.join(dir, 'runtime/launch'),
    /** Keeps terminals open while the host process is exchanged. */
    hold: path.join(dir, 'runtime/hold'),
  }
}
export type ImagePaths = ReturnType<typeof imagePaths>

/** The file in the image directory that names the folder of the image in use. */
export const CURRENT_IMAGE = 'current'

/** One sandbox's folder under the state directory. */
export function sandboxPaths(stateDir: string, id: string) {
  const dir = path.join(stateDir, 'sandboxes', id)
  return {
    dir,
    record: path.join(dir, 'sandbox.json'),
    config: path.join(dir, 'config.json'),
    disk: path.join(dir, 'disk.img'),
    /** Mount points; what is mounted there is seen only by the sandbox itself. */
    diskMount: path.join(dir, 'disk'),
    rootfs: path.join(dir, 'rootfs'),
    log: path.join(dir, 'runc.log'),
  }
}
