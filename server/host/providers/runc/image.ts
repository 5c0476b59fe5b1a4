/** The sandbox image in use: found, looked over, and held while sandboxes stand on it. */
import fs from 'node:fs'
import path from 'node:path'
import { CURRENT_IMAGE, type ImagePaths, imagePaths } from './paths.ts'
import { Unusable } from './unusable.ts'

/** Throws if none has been built, or if it is not whole. */
export function currentImage(imageDir: string): ImagePaths {
  const file = path.join(imageDir, CURRENT_IMAGE)
  if (!fs.existsSync(file))
    throw new Unusable(`There is no sandbox image in ${imageDir} yet: npm start builds it.`)
  const image = imagePaths(path.join(imageDir, fs.readFileSync(file, 'utf8').trim()))
  const { rootfs, template, withoutDocker, runc, idmap, launch, hold } = image
  for (const part of [rootfs, template, withoutDocker, runc, idmap, launch, hold])
    if (!fs.existsSync(part))
      throw new Unusable(
        `The sandbox image is not whole, ${part} is missing: delete ${file}, and npm start builds it.`,
      )
  // Somebody may have moved a large part to another disk; nothing can be mounted over a symbolic link.
  const real = (file: string) => (fs.existsSync(file) ? fs.realpathSync(file) : file)
  return { ...image, rootfs: real(image.rootfs), withoutDocker: real(image.withoutDocker) }
}
