/** A title that stands over a text is not said once more at its beginning. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutTitle } from '../../server/lessons/heading.ts'

test('a first heading that repeats the title goes', () => {
  for (const text of ['# Who am I?\n\nAsk.', '\n## Who  am I? ##\r\n\nAsk.', '# `who` *am* I?\nAsk.'])
    assert.equal(withoutTitle(text, 'Who am I?').trim(), 'Ask.')
  assert.equal(withoutTitle('# Who am I?', 'Who am I?'), '')
})

test('everything else stays', () => {
  for (const text of [
    '# Who are you?\n\nAsk.',
    'Who am I?\n\nAsk.',
    'Ask.\n\n# Who am I?\n',
    '#Who am I?\n',
    '',
  ])
    assert.equal(withoutTitle(text, 'Who am I?'), text)
})
