/** Whether this is an installed lab, as in the container image: built servers and site, without the sources to build them. */
import { existsSync } from 'node:fs'
import { inRoot } from '../lib/paths.mjs'

export const isPrebuilt = () => !existsSync(inRoot('server')) && existsSync(inRoot('build', 'web.js'))
