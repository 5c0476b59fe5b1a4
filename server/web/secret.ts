/** The secret that learners' cookies are signed with, read once at the start of the web process. */
import fs from 'node:fs'
import { ConfigError } from '../config.ts'

/** A shorter one was cut off, and could be guessed. */
const SHORTEST_SECRET = 32

/** Throws ConfigError, which says what to do, unless there is a whole one. */
export function readSecret(file: string | undefined): string {
  if (!file) throw new ConfigError('LAB_WEB_SECRET_FILE is not set: start the lab with npm start.')
  let secret: string
  try {
    secret = fs.readFileSync(file, 'utf8').trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ConfigError(
      code === 'ENOENT'
        ? `${file} is missing: npm start makes it. Learners then count as new ones.`
        : `${file} cannot be read by user ${process.getuid!()} (${code}): npm start gives it to the web process.`,
    )
  }
  if (secret.length < SHORTEST_SECRET)
    throw new ConfigError(
      `${file} is damaged: delete it and start the lab again. Learners then count as new ones.`,
    )
  return secret
}
