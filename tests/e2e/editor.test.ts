/** config.json in the editor and in the sandbox: one file, whoever changes it. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

const DIR = '/tmp/mycontainer'
let stage: Stage
before(async () => {
  stage = await startStage()
})
after(() => stage?.stop())

describe('the editor', () => {
  let learner: Learner
  beforeEach(async () => {
    learner = await Learner.arrive(stage)
    await learner.openStep('runc-spec')
    await learner.page.getByText('There is no config.json yet.').waitFor()
    await learner.type(`mkdir ${DIR} && cd ${DIR} && clear\r`)
    await learner.sees(/^root@lab:\/tmp\/mycontainer#$/m)
  })

  test('follows every way in which the terminal changes the file', async () => {
    await learner.type('runc spec\r')
    await learner.editorShows('"ociVersion": "1.2.1"')
    await learner.type(`sed -i 's/"1.2.1"/"by-sed"/' config.json\r`)
    await learner.editorShows('"ociVersion": "by-sed"')
    await learner.type(`jq '.ociVersion="by-jq"' config.json > x && mv x config.json\r`)
    await learner.editorShows('"ociVersion": "by-jq"')
    await learner.type('vim -c "%s/by-jq/by-vim/" -c wq config.json\r')
    await learner.editorShows('"ociVersion": "by-vim"')
    await learner.type('rm config.json\r')
    await learner.page.getByText('There is no config.json yet.').waitFor()
    await learner.type('runc spec\r')
    await learner.editorShows('"ociVersion": "1.2.1"')
    await learner.leave()
  })

  test('saves what is typed, byte for byte, and leaves the rest alone', async () => {
    // A 64-bit number, tabs and no line end at the end: all of it would be lost by parsing and writing again.
    const text = '{\n\t"ociVersion": "1.2.1",\n\t"limit": 9223372036854775807\n}'
    await learner.type(
      `printf '%s' '${text.replaceAll('\n', '\\n').replaceAll('\t', '\\t')}' | sed 's/\\\\n/\\n/g; s/\\\\t/\\t/g' > config.json\r`,
    )
    await learner.editorShows('9223372036854775807')
    await learner.replaceInEditor('1.2.1', '1.2.0')
    await learner.saved()
    await learner.type('clear; sha256sum config.json\r')
    const { createHash } = await import('node:crypto')
    const expected = createHash('sha256').update(text.replace('1.2.1', '1.2.0')).digest('hex')
    await learner.sees(expected.slice(0, 32))
    await learner.leave()
  })

  test('asks when both sides have changed, and loses neither', async () => {
    const { page } = learner
    await learner.type('runc spec\r')
    await learner.editorShows('"ociVersion": "1.2.1"')
    await learner.editorLoaded()
    // The sandbox changes while the connection is down, and so does the editor.
    await stage.lab.killWeb()
    await page.getByText('Connection lost, trying again…').waitFor()
    await learner.replaceInEditor('"1.2.1"', '"mine"')
    await page.getByText('Saving…').waitFor()
    await learner.inSandbox(`sed -i 's/"hostname": "runc"/"hostname": "theirs"/' ${DIR}/config.json`)
    await stage.lab.startWeb()
    await page.getByText('Changed on both sides').waitFor()
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.getByText('2 differences').waitFor()
    await page.getByRole('button', { name: 'Next difference' }).click()
    await page.getByText('"theirs"').filter({ visible: true }).first().waitFor()
    await page.getByRole('button', { name: 'Back to mine' }).click()
    await page.getByRole('button', { name: 'Keep mine' }).click()
    await learner.saved()
    await learner.type('clear; grep -c mine config.json; grep -c theirs config.json\r')
    await learner.sees(/^1\n0\n/m)
    await learner.leave()
  })

  test('a removed file is written again only if one says so', async () => {
    const { page } = learner
    await learner.type('runc spec\r')
    await learner.editorShows('"ociVersion": "1.2.1"')
    await learner.editorLoaded()
    await stage.lab.killWeb()
    await page.getByText('Connection lost, trying again…').waitFor()
    await learner.replaceInEditor('"1.2.1"', '"mine"')
    await learner.inSandbox(`rm ${DIR}/config.json`)
    await stage.lab.startWeb()
    await page.getByText('The file was removed in the sandbox').waitFor({ timeout: 20_000 })
    await page.getByRole('button', { name: 'Write it again' }).click()
    await learner.saved()
    await learner.type('clear; grep -c mine config.json\r')
    await learner.sees(/^1\n/m)
    await learner.leave()
  })

  test('a file that is no text is not touched', async () => {
    await learner.type('head -c 100 /dev/zero > config.json\r')
    await learner.page.getByText('config.json cannot be shown here: it is not a text file.').waitFor()
    assert.equal(await learner.page.locator('.monaco-editor').count(), 0)
    await learner.leave()
  })
})
