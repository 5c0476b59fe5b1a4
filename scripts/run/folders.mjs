/** The folders of a running lab, and the secret that the web process signs with. */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Refusal } from '../lib/refusal.mjs'

const SHORTEST_SECRET = 32

/** Creates both folders: others may pass through (the web process must), and see nothing. */
export function makeFolders(config) {
  for (const folder of [config.stateDir, config.runDir]) {
    try {
      mkdirSync(folder, { recursive: true })
      chownSync(folder, 0, 0)
      chmodSync(folder, 0o711)
    } catch (error) {
      throw new Refusal(
        `The folder ${folder} cannot be made (${error.code}).`,
        'Set LAB_STATE_DIR and LAB_RUN_DIR to folders on a file system that root can write to.',
      )
    }
  }
  // Whoever starts a lab wants it to take learners, whatever was said to an earlier one.
  rmSync(join(config.runDir, 'drain'), { force: true })
}

/**
 * 32 random bytes in hex, made once, so that a learner's address stays valid across restarts. Whatever its file was before, it
 * is the web process's to read and nobody's to write.
 */
export function webSecret(config, user) {
  const file = join(config.stateDir, 'web-secret')
  if (existsSync(file) && readFileSync(file, 'utf8').trim().length < SHORTEST_SECRET) {
    // With an empty secret anybody could sign.
    renameSync(file, `${file}.damaged`)
    console.error(
      `${file} was damaged and is made anew: every learner counts as a new one. What it was is in ${file}.damaged.`,
    )
  }
  if (!existsSync(file)) {
    // Written elsewhere, to the disk, and renamed: nobody ever finds it half written, not even after a power cut.
    writeFileSync(`${file}.new`, `${randomBytes(32).toString('hex')}\n`, {
      mode: 0o400,
      flag: 'w',
      flush: true,
    })
    renameSync(`${file}.new`, file)
  }
  const others = statSync(file).mode & 0o077
  if (others)
    console.error(
      `${file} could be read by others (mode ${others.toString(8).padStart(3, '0')}), and now cannot. Whoever read it can be any learner: if that may be, delete it and start again. Every learner then counts as a new one.`,
    )
  chownSync(file, user.uid, user.gid)
  chmodSync(file, 0o400)
  return file
}
