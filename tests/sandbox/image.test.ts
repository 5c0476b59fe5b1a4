/** A sandbox image that is missing or not whole: refused before any learner meets it, with what is missing and what to do. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { currentImage } from '../../server/host/providers/runc/image.ts'
import { CURRENT_IMAGE, imagePaths } from '../../server/host/providers/runc/paths.ts'
import { Unusable } from '../../server/host/providers/runc/unusable.ts'
import { labEnvironment, ROOT } from '../helpers/lab.ts'

/** An image of empty files, which is whole as far as one can see without running it. */
let folder: string
const image = () => imagePaths(path.join(folder, 'abc-1'))
before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'image-'))
  const { dir, rootfs, withoutDocker, runc, template, idmap, launch, hold } = image()
  for (const each of [rootfs, withoutDocker, path.join(dir, 'runtime')])
    fs.mkdirSync(each, { recursive: true })
  for (const each of [runc, template, idmap, launch, hold]) fs.writeFileSync(each, '')
})
after(() => fs.rmSync(folder, { recursive: true, force: true }))

const name = (text: string | null) => {
  const file = path.join(folder, CURRENT_IMAGE)
  if (text === null) fs.rmSync(file, { force: true })
  else fs.writeFileSync(file, text)
}
const refused = (why: RegExp) =>
  assert.throws(
    () => currentImage(folder),
    (error: Error) => error instanceof Unusable && why.test(error.message),
  )

describe('a sandbox image', () => {
  test('that is whole is taken', () => {
    name('abc-1\n')
    assert.equal(currentImage(folder).template, image().template)
  })

  test('that nobody has built, or whose build was cut short, is none yet', () => {
    // The build names it last of all.
    name(null)
    refused(/^There is no sandbox image in \S+ yet: npm start builds it\.$/)
  })

  for (const bad of ['', 'abc-2\n', 'abc-1/rootfs\n'])
    test(`named by ${JSON.stringify(bad)} is not whole`, () => {
      name(bad)
      refused(
        /^The sandbox image is not whole, \S+ is missing: delete \S+current, and npm start builds it\.$/,
      )
    })

  for (const part of ['rootfs', 'template', 'withoutDocker', 'runc', 'idmap', 'launch', 'hold'] as const)
    test(`without ${part} is refused`, () => {
      name('abc-1\n')
      const file = image()[part]
      fs.renameSync(file, `${file}.away`)
      refused(new RegExp(`is not whole, ${file} is missing: delete `))
      fs.renameSync(`${file}.away`, file)
    })

  test('that is not whole ends the host process with that sentence, and it is not started again', (t) => {
    name('abc-1\n')
    fs.rmSync(image().template)
    const { env, dir } = labEnvironment({ LAB_IMAGE_DIR: folder })
    t.after(() => fs.rmSync(dir, { recursive: true, force: true }))
    const { status, stderr } = spawnSync(process.execPath, [path.join(ROOT, 'build/host.js')], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
      timeout: 30_000,
    })
    // What the supervisor takes for a refusal.
    assert.equal(status, 3)
    assert.match(
      stderr,
      /^The sandbox image is not whole, \S+template\.img is missing: delete \S+, and npm start builds it\.\n$/,
    )
  })
})
