/** The secret that cookies are signed with: made once, for the web process alone, and refused with what to do if it is not whole. */
import assert from 'node:assert/strict'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { ConfigError } from '../../server/config.ts'
import { readSecret } from '../../server/web/secret.ts'
import { ROOT, TestLab } from '../helpers/lab.ts'
import { folderWith, load, plainEnv, run } from '../scripts/helpers/run.ts'

const nobody = { name: 'nobody', uid: 65534, gid: 65534 }
const WHOLE = 'f'.repeat(64)

describe('the file that npm start makes', () => {
  /** A state folder as it is found, and what a start makes of it: `said` is what it tells, in a process of its own. */
  async function started(t: TestContext, before?: string, mode = 0o400) {
    const stateDir = path.join(folderWith(t, {}), 'state')
    mkdirSync(stateDir)
    const file = path.join(stateDir, 'web-secret')
    if (before !== undefined) writeFileSync(file, before)
    if (before !== undefined) chmodSync(file, mode)
    const start = `import { webSecret } from '${ROOT}/scripts/run/folders.mjs'; webSecret({ stateDir: '${stateDir}' }, { uid: ${nobody.uid}, gid: ${nobody.gid} })`
    const again = () => run([process.execPath, '--input-type=module', '--eval', start])
    const { code, output: said } = await again()
    assert.equal(code, 0, said)
    const { uid, gid, mode: now } = statSync(file)
    assert.deepEqual({ uid, gid, mode: now & 0o777 }, { uid: nobody.uid, gid: nobody.gid, mode: 0o400 })
    return { file, said, again, secret: readFileSync(file, 'utf8') }
  }

  test('is made once, kept, and of its user alone', async (t) => {
    const { file, said, secret, again } = await started(t)
    assert.match(secret, /^[0-9a-f]{64}\n$/)
    assert.equal(said, '')
    chownSync(file, 0, 0)
    assert.equal((await again()).output, '')
    assert.equal(readFileSync(file, 'utf8'), secret)
    assert.equal(statSync(file).uid, nobody.uid)
  })

  test('that others could read is closed, and that is said', async (t) => {
    const { said, secret } = await started(t, WHOLE, 0o644)
    assert.match(said, /could be read by others \(mode 044\), and now cannot\..* delete it and start again/)
    assert.equal(secret, WHOLE)
  })

  for (const [what, damaged] of Object.entries({
    empty: '',
    'white space': ' \n\n',
    'cut off': 'f'.repeat(31),
  }))
    test(`that is ${what} is put aside and made anew`, async (t) => {
      const { file, said, secret } = await started(t, damaged)
      assert.match(said, /was damaged and is made anew: every learner counts as a new one\./)
      assert.match(secret, /^[0-9a-f]{64}\n$/)
      assert.equal(readFileSync(`${file}.damaged`, 'utf8'), damaged)
      assert.equal(existsSync(`${file}.new`), false)
    })

  test('the folder around it lets others pass, and see nothing', async (t) => {
    const { makeFolders } = await load('run/folders.mjs')
    const folder = folderWith(t, {})
    const config = { stateDir: path.join(folder, 'state'), runDir: path.join(folder, 'run') }
    makeFolders(config)
    for (const dir of Object.values(config)) assert.equal(statSync(dir).mode & 0o777, 0o711)
  })
})

describe('the web process', () => {
  const refused = (file: string | undefined, why: RegExp) =>
    assert.throws(
      () => readSecret(file),
      (error: Error) => error instanceof ConfigError && why.test(error.message),
    )

  test('takes a whole one', (t) => {
    assert.equal(readSecret(path.join(folderWith(t, { s: `${WHOLE}\n` }), 's')), WHOLE)
  })

  test('refuses none, a missing one, an empty one, a short one, and says what to do', (t) => {
    const folder = folderWith(t, { empty: '', blank: ' '.repeat(64), short: 'f'.repeat(31) })
    refused(undefined, /is not set: start the lab with npm start/)
    refused('', /is not set/)
    refused(path.join(folder, 'no'), /no is missing: npm start makes it/)
    refused(folder, /cannot be read by user \d+ \(EISDIR\)/)
    for (const name of ['empty', 'blank', 'short'])
      refused(path.join(folder, name), /is damaged: delete it and start the lab again\. Learners then count/)
  })

  test('ends with that sentence and no trace of its code; and one it may not read is called so', async (t) => {
    const file = path.join(folderWith(t, { secret: '' }), 'secret')
    await assert.rejects(
      TestLab.start({ LAB_WEB_SECRET_FILE: file }, { host: false }),
      /^Error: the web process ended with 1: \S+secret is damaged: delete it and start the lab again\. Learners then count as new ones\.\n$/,
    )
    const { unprivileged } = await load('run/privileges.mjs')
    writeFileSync(file, WHOLE)
    chmodSync(file, 0o400)
    const { code, output } = await run(
      unprivileged(nobody, [process.execPath, path.join(ROOT, 'build/web.js')]),
      {
        env: plainEnv({ LAB_WEB_SECRET_FILE: file, PORT: '0' }),
      },
    )
    assert.equal(code, 1)
    assert.match(
      output,
      /^\S+secret cannot be read by user 65534 \(EACCES\): npm start gives it to the web process\.\n$/,
    )
  })
})
