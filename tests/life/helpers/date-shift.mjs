/** For `node --import`: the date of this process is off by as many milliseconds as a file says, whenever it says so. */
import fs from 'node:fs'

const file = process.env.DATE_SHIFT_FILE
const real = Date.now
const RealDate = Date
const shift = () => {
  try {
    return Number(fs.readFileSync(file, 'utf8')) || 0
  } catch {
    return 0
  }
}
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [real() + shift()] : args))
  }
  static now() {
    return real() + shift()
  }
}
