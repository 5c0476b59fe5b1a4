/** What a learner finds in the sandbox: the commands that people expect, and none of those that a lesson's report calls missing. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { MISSING } from '../../server/lessons/examine/commands.ts'
import { newId, sh } from '../helpers/exec.ts'
import { ROOT, testProvider } from '../helpers/lab.ts'

const lab = testProvider()
const id = newId()
before(() => lab.provider.create(id, 'somebody'))
after(() => lab.dispose())

const output = async (script: string) => (await sh(lab.provider, id, script)).stdout.trim()

test('every command of sandbox/applets.txt is there, and is busybox or the real one', async () => {
  const names = fs
    .readFileSync(path.join(ROOT, 'sandbox/applets.txt'), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
  assert.ok(names.length > 10)
  assert.equal(
    await output(`for name in ${names.join(' ')}; do command -v $name > /dev/null || echo $name; done`),
    '',
  )
})

test('two network namespaces ping each other, and a line goes through nc', async () => {
  const script = `
    ip netns add one; ip netns add two
    ip -n one link add left type veth peer name right netns two
    ip -n one addr add 10.9.0.1/24 dev left; ip -n two addr add 10.9.0.2/24 dev right
    ip -n one link set left up; ip -n two link set right up
    ip netns exec one ping -c 2 -W 5 10.9.0.2 > ping || cat ping
    # With an end of its input it would close the connection at once.
    sleep 2 | ip netns exec two nc -l -p 7000 > heard &
    for i in $(seq 100); do echo through | ip netns exec one nc -w 5 10.9.0.2 7000 && break; sleep 0.1; done
    wait; grep -o '0% packet loss' ping; cat heard`
  assert.equal(await output(script), '0% packet loss\nthrough')
})

test('a program that a package brings later takes the place of its part of busybox', async () => {
  // As dpkg unpacks: beside it, and then over it.
  assert.equal(
    await output(
      `printf '#!/bin/sh\\necho real\\n' > /usr/bin/wget.dpkg-new; chmod +x /usr/bin/wget.dpkg-new; mv /usr/bin/wget.dpkg-new /usr/bin/wget; wget; busybox echo whole`,
    ),
    'real\nwhole',
  )
})

test('what a report calls missing is missing', async () => {
  assert.equal(await output(`for name in ${[...MISSING].join(' ')}; do type -P $name; done`), '')
})
