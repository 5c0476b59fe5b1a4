/** The whole lesson, walked as a person would walk it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Learner, type Stage, startStage } from './helpers/browser.ts'

let stage: Stage
before(async () => {
  stage = await startStage()
})
after(() => stage?.stop())

test('from the home page to a shell in the container one has specified', async () => {
  const learner = await Learner.arrive(stage)
  const { page } = learner
  await learner.goto('/')
  await page.getByRole('link', { name: /Start/ }).first().click()
  await page.waitForURL('**/meet-the-tools')
  await page.getByText(/Sandbox ready in \d+ ms/).waitFor()

  // 1: Docker is started by a click, and the check notices by itself.
  await learner.prompt()
  await learner.run('systemctl start docker')
  await learner.stepDone()
  await learner.run('docker version')
  await learner.sees(/runc:\s+Version:\s+1\.3\.\d/)
  await learner.next()

  // 2 and 3: a folder, and files out of an image.
  await learner.run('mkdir -p /tmp/mycontainer/rootfs')
  await learner.stepDone()
  await learner.next()
  await learner.run('cd /tmp/mycontainer && docker export')
  await learner.stepDone()
  await learner.run('ls -l rootfs')
  await learner.sees(/drwx.* etc\n/)
  await learner.next()

  // 4: the file appears in the editor because runc has written it.
  await page.getByText('There is no config.json yet.').waitFor()
  await learner.run('cd /tmp/mycontainer')
  await learner.run('runc spec')
  await learner.editorShows('"ociVersion": "1.2.1"')
  assert.ok(page.workers().length >= 1, 'the JSON worker runs as a worker')
  await learner.stepDone()
  await learner.next()

  // 5
  await learner.run('jq .ociVersion config.json')
  await learner.sees('"1.2.1"')
  await learner.run("jq -r '.linux.namespaces[].type' config.json > namespaces.txt")
  await learner.stepDone()
  await learner.next()

  // 6: edited in the editor, saved by itself, run in the terminal.
  await learner.replaceInEditor('"hostname": "runc"', '"hostname": "mycontainer"')
  await learner.saved()
  await learner.replaceInEditor('"sh"', '"sh", "-c", "echo Hello from $(hostname); exec sh"')
  await learner.saved()
  await learner.run('cd /tmp/mycontainer && runc run demo')
  await learner.sees('Hello from mycontainer')
  await learner.type('hostname\r')
  await learner.sees(/# hostname\nmycontainer\n/)
  await learner.run('runc list')
  await learner.sees(/demo +\d+ +running/, 2)
  await learner.stepDone()
  await learner.run('runc exec demo ps')
  await learner.sees(/PID +USER[\s\S]*ps\n/, 2)
  await learner.run('runc kill demo KILL')
  await page.getByRole('tab', { name: 'Terminal 1' }).click()
  await learner.prompt(1)
  await page.getByText('100% done').waitFor()
  await learner.leave()
})
