/** When a sandbox has to go, minute by minute, on a clock that the test turns. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type LifeTimes, Lifetime } from '../../server/host/life/lifetime.ts'

const MINUTE = 60_000
const TIMES: LifeTimes = {
  idleMs: 60 * MINUTE,
  hiddenMs: 45 * MINUTE,
  maxMs: 300 * MINUTE,
  extensions: 2,
  extensionMs: 60 * MINUTE,
  warnMs: 5 * MINUTE,
}

function begin(times: Partial<LifeTimes> = {}) {
  const clock = { at: 1_000_000 }
  const life = new Lifetime({ ...TIMES, ...times }, clock.at, () => clock.at)
  const pass = (minutes: number) => {
    clock.at += minutes * MINUTE
  }
  return { life, pass }
}

describe('a sandbox in whose open page nobody does anything', () => {
  test('is warned about, stays when its learner says so, and goes when they do not', () => {
    const { life, pass } = begin()
    life.page('tab', true, true)
    pass(54)
    assert.equal(life.look().state, 'goes-on')
    pass(2)
    assert.deepEqual(life.look(), {
      state: 'warn',
      ending: { why: 'idle', inMs: 4 * MINUTE, more: 60 * MINUTE },
    })
    life.stay()
    assert.equal(life.look().state, 'goes-on')
    pass(59)
    assert.equal(life.look().state, 'warn')
    pass(1)
    assert.deepEqual(life.look(), { state: 'over', why: 'idle' })
  })

  test('stays as long as somebody types, clicks or scrolls', () => {
    const { life, pass } = begin()
    life.page('tab', true, true)
    for (let i = 0; i < 4; i++) {
      pass(50)
      if (i % 2) life.touch()
      else life.page('tab', true, true)
      assert.equal(life.look().state, 'goes-on')
    }
  })
})

describe('a sandbox whose pages are all hidden', () => {
  test('goes sooner, and not while one of them is in front', () => {
    const { life, pass } = begin()
    life.page('one', true, true)
    life.page('two', false, false)
    pass(46)
    assert.equal(life.look().state, 'goes-on')
    life.page('one', false, false)
    pass(1)
    life.touch()
    pass(40)
    assert.deepEqual(life.look(), {
      state: 'warn',
      ending: { why: 'hidden', inMs: 4 * MINUTE, more: 45 * MINUTE },
    })
    life.page('one', true, true)
    assert.equal(life.look().state, 'goes-on')
    life.page('one', false, false)
    pass(45)
    assert.deepEqual(life.look(), { state: 'over', why: 'hidden' })
  })

  test('is kept by the button although they stay hidden', () => {
    const { life, pass } = begin()
    life.page('one', false, true)
    pass(44)
    life.stay()
    pass(40)
    assert.deepEqual(life.look().state, 'warn')
    life.stay()
    assert.deepEqual(life.look().state, 'goes-on')
  })
})

describe('a sandbox without a page', () => {
  test('goes after the idle time, unless somebody comes', () => {
    const { life, pass } = begin()
    life.page('tab', true, true)
    life.leave('tab')
    pass(55)
    assert.equal(life.look().state, 'warn')
    life.page('another', true, false)
    assert.equal(life.look().state, 'goes-on')
    life.leave('another')
    pass(60)
    assert.deepEqual(life.look(), { state: 'over', why: 'idle' })
  })

  test('a page that comes back at once, as after a broken connection, is nobody coming', () => {
    const { life, pass } = begin()
    life.page('tab', true, true)
    for (let i = 0; i < 60; i++) {
      pass(1)
      life.leave('tab')
      life.page('tab', true, false)
    }
    assert.deepEqual(life.look(), { state: 'over', why: 'idle' })
  })
})

describe('an old sandbox', () => {
  const old = () => {
    const begun = begin()
    begun.life.page('tab', true, true)
    const pass = (minutes: number) => {
      begun.pass(minutes)
      begun.life.touch()
    }
    return { ...begun, pass }
  }

  test('is given more time as often as it may, and once for two tabs', () => {
    const { life, pass } = old()
    pass(296)
    assert.deepEqual(life.look(), {
      state: 'warn',
      ending: { why: 'age', inMs: 4 * MINUTE, more: 60 * MINUTE },
    })
    life.stay()
    life.stay()
    assert.equal(life.look().state, 'goes-on')
    pass(60)
    assert.equal(life.look().state, 'warn')
    life.stay()
    pass(60)
    assert.deepEqual(life.look(), { state: 'warn', ending: { why: 'age', inMs: 4 * MINUTE, more: 0 } })
    life.stay()
    pass(4)
    assert.deepEqual(life.look(), { state: 'over', why: 'age' })
  })

  test('saying early that one is there gives no more time', () => {
    const { life, pass } = old()
    pass(100)
    for (let i = 0; i < 5; i++) life.stay()
    pass(200)
    assert.deepEqual(life.look(), { state: 'over', why: 'age' })
  })
})

test('a warning comes half way at the earliest', () => {
  const { life, pass } = begin({ idleMs: 4 * MINUTE })
  life.page('tab', true, true)
  pass(1.9)
  assert.equal(life.look().state, 'goes-on')
  pass(0.1)
  assert.equal(life.look().state, 'warn')
})
