/** Bytes, clocks, and the frames to and from the host process. */
#include "lens.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct out { struct out *next; size_t size, sent; uint8_t bytes[]; };

static struct out *queue, **queue_end = &queue;
size_t queued;

_Noreturn void quit(int code) { _exit(code); }

void *resize(void *old, size_t size) {
  void *p = realloc(old, size ? size : 1);
  if (!p) quit(3);
  return p;
}

void add(struct bytes *b, const void *bytes, size_t size) {
  if (b->size + size > b->room) b->at = resize(b->at, b->room = 2 * (b->size + size) + 64);
  if (size) memcpy(b->at + b->size, bytes, size);
  b->size += size;
}

void add_string(struct bytes *b, const char *s) { add(b, s, strlen(s) + 1); }

void add_format(struct bytes *b, const char *format, ...) {
  char text[PATH_MAX + 256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  add_string(b, text);
}

void add32(struct bytes *b, uint32_t n) {
  uint8_t four[4] = { (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), (uint8_t)(n >> 24) };
  add(b, four, 4);
}

void clear(struct bytes *b) {
  free(b->at);
  *b = (struct bytes){ 0 };
}

/** FNV-1a. */
uint64_t hash_of(const void *bytes, size_t size) {
  uint64_t h = 14695981039346656037u;
  for (const uint8_t *p = bytes; size--; p++) h = (h ^ *p) * 1099511628211u;
  return h ? h : 1;
}

static int64_t clock_ms(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t now_ms(void) { return clock_ms(CLOCK_MONOTONIC); }
int64_t wall_ms(void) { return clock_ms(CLOCK_REALTIME); }
int64_t boot_ms(void) { return clock_ms(CLOCK_BOOTTIME); }

void flush_queue(void) {
  while (queue) {
    struct out *o = queue;
    ssize_t n = write(1, o->bytes + o->sent, o->size - o->sent);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) quit(0);
    o->sent += (size_t)n;
    if (o->sent < o->size) continue;
    queued -= o->size;
    queue = o->next;
    if (!queue) queue_end = &queue;
    free(o);
  }
}

void tell(char kind, uint32_t id, const struct bytes *payload) {
  size_t length = 5 + payload->size;
  if (length > MAX_FRAME) return;
  struct out *o = resize(NULL, sizeof *o + 4 + length);
  *o = (struct out){ .size = 4 + length };
  struct bytes head = { 0 };
  add32(&head, (uint32_t)length);
  add(&head, &kind, 1);
  add32(&head, id);
  memcpy(o->bytes, head.at, 9);
  if (payload->size) memcpy(o->bytes + 9, payload->at, payload->size);
  clear(&head);
  *queue_end = o;
  queue_end = &o->next;
  queued += o->size;
  flush_queue();
}

static uint32_t get32(const uint8_t *from) {
  return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

void on_stdin(void) {
  static uint8_t head[9], *body;
  static size_t have, size;
  for (;;) {
    ssize_t n = have < 9 ? read(0, head + have, 9 - have) : read(0, body + have - 9, size - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) quit(0);
    have += (size_t)n;
    if (have < 9) continue;
    if (have == 9) {
      size = (size_t)get32(head) + 4;
      if (size < 9 || size > MAX_FRAME + 4) quit(2);
      body = resize(NULL, size - 9 + 1);
    }
    if (have < size) continue;
    body[size - 9] = '\0';
    if (head[4] == 'P') set_plan(get32(head + 5), (char *)body, size - 9);
    else if (head[4] == 'Q') drop_plan(get32(head + 5));
    else quit(2);
    free(body);
    have = 0;
    return;
  }
}
