/** The addresses under which authors name pictures: beside the text, in the lesson, in its course, as the platforms served them. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { loadFolder } from '../../server/lessons/load.ts'
import { findFile } from '../../server/lessons/render-paths.ts'
import { scenario, write } from './helpers.ts'

test('a picture is found under every address that the platforms had for it, and nothing outside is', () => {
  const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47])
  const root = write({
    'outside.png': picture,
    'repo/assets/group/all.png': picture,
    'repo/course/one/index.json': scenario({ title: 'A', text: 'step/a.md' }),
    'repo/course/one/step/a.md': 'x',
    'repo/course/one/step/near.png': picture,
    'repo/course/one/assets/own.png': picture,
    'repo/course/two/assets/own.png': picture,
    'repo/course/shared.png': picture,
  })
  const lesson = loadFolder(path.join(root, 'repo/course/one'), { boundary: path.join(root, 'repo') })
  const cases: Record<string, string | null> = {
    'near.png': 'step/near.png',
    './near.png?raw=true': 'step/near.png',
    '../assets/own.png': 'assets/own.png',
    'assets/own.png': 'assets/own.png',
    '/assets/own.png': 'assets/own.png',
    'own.png': 'assets/own.png',
    '/author/scenarios/one/assets/own.png': 'assets/own.png',
    'assets/OWN.PNG': 'assets/own.png',
    '/author/assets/group/all.png': '../../assets/group/all.png',
    '../../shared.png': '../shared.png',
    '../two/assets/own.png': '../two/assets/own.png',
    '../../../../outside.png': null,
    '/assets/../../../../outside.png': null,
    'gone.png': null,
    'https://example.org/assets/own.png': null,
  }
  for (const [address, wanted] of Object.entries(cases))
    assert.equal(findFile(lesson, 'step/a.md', address), wanted, address)
})
