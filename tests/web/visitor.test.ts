/** Who is asking: from the socket, and from the headers of proxies that are trusted; and which names the lab answers to. */
import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import os from 'node:os'
import { describe, test } from 'node:test'
import { parseNetworks, visitorNetwork } from '../../server/networks.ts'
import { isAllowedHost, isAllowedOrigin } from '../../server/web/origin.ts'
import { visitors } from '../../server/web/visitor.ts'

const request = (remoteAddress: string, headers: Record<string, string> = {}) =>
  ({ socket: { remoteAddress }, headers: { host: 'inner:3000', ...headers } }) as unknown as IncomingMessage

describe('the visitor', () => {
  const direct = visitors([])
  const proxied = visitors(['127.0.0.1', '10.0.0.0/8', '::1'])
  const forwarded = {
    'x-forwarded-for': '6.6.6.6, 203.0.113.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'lab.example.org',
  }

  test('is who the socket says if no proxy is trusted, whatever the headers say', () => {
    assert.deepEqual(direct(request('198.51.100.7', forwarded)), {
      network: '198.51.100.7',
      host: 'inner:3000',
      secure: false,
      unknownProxy: true,
    })
  })

  test('is who a trusted proxy says, and not who the visitor says before it', () => {
    assert.deepEqual(proxied(request('::ffff:127.0.0.1', forwarded)), {
      network: '203.0.113.9',
      host: 'lab.example.org',
      secure: true,
      unknownProxy: false,
    })
  })

  for (const [what, chain, network] of [
    ['behind two proxies of ours', '203.0.113.9, 10.1.2.3', '203.0.113.9'],
    ['with a port', '203.0.113.9:5555', '203.0.113.9'],
    ['with IPv6 and a port', '[2001:db8:1:2:3::4]:5555', '2001:db8:1:2::/64'],
    ['one of our own proxies', '10.1.2.3', '10.1.2.3'],
    ['nobody', '', '127.0.0.1'],
    ['no address', 'unknown', ''],
  ])
    test(`is found ${what}`, () => {
      assert.equal(proxied(request('127.0.0.1', { 'x-forwarded-for': chain! })).network, network)
    })

  test('over plain HTTP at the proxy is not over TLS', () => {
    assert.equal(proxied(request('127.0.0.1', { 'x-forwarded-proto': 'https, http' })).secure, false)
  })
})

test('an IPv6 address counts with its whole /64', () => {
  assert.equal(visitorNetwork('2001:db8::1'), '2001:db8:0:0::/64')
  assert.equal(visitorNetwork('2001:0db8:0000:00a1:ffff::2'), '2001:db8:0:a1::/64')
  assert.equal(visitorNetwork('fe80::1%eth0'), 'fe80:0:0:0::/64')
  assert.equal(visitorNetwork('::ffff:192.0.2.1'), '192.0.2.1')
})

test('networks that are none are refused', () => {
  for (const item of [
    '10.0.0.0/33',
    '10.0.0',
    'localhost',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '1.2.3.4/-1',
  ])
    assert.equal(parseNetworks([item]), null, item)
})

test('the lab answers to its own names and to those of its origins', () => {
  const allowed = ['https://lab.example.org']
  for (const host of [
    'localhost:3000',
    'a.localhost',
    '127.0.0.1:3000',
    '[::1]:3000',
    '192.168.1.7',
    os.hostname(),
    'lab.example.org',
    'LAB.example.org:443',
  ])
    assert.ok(isAllowedHost(host, allowed), host)
  for (const host of [
    '',
    'evil.example',
    'lab.example.org.evil.example',
    'localhost.evil.example',
    'evil@localhost',
    'localhost/evil',
    'localhost:x',
  ])
    assert.ok(!isAllowedHost(host, allowed), host)
})

test('a page is ours only under the very name and port that it asks', () => {
  assert.ok(isAllowedOrigin('http://localhost:3000', 'localhost:3000', []))
  assert.ok(!isAllowedOrigin('http://localhost:3000', 'localhost:3001', []))
  assert.ok(!isAllowedOrigin('http://evil.example', 'evil.example', []))
  assert.ok(!isAllowedOrigin(undefined, 'localhost', []))
})
