/** Bytes, the clock, and the frames to and from the host process. */
#include "agent.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct out { struct out *next; size_t size, sent; uint8_t bytes[]; };

static struct out *queue, **queue_end = &queue;
size_t queued;

_Noreturn void quit(int code) {
  kill_all();
  _exit(code);
}

int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void *resize(void *old, size_t size) {
  void *p = realloc(old, size ? size : 1);
  if (!p) quit(3);
  return p;
}

void put32(uint8_t *to, uint32_t n) {
  for (int i = 0; i < 4; i++) to[i] = (uint8_t)(n >> (8 * i));
}

static uint32_t get32(const uint8_t *from) {
  return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

/** FNV-1a. */
uint32_t hash_of(const void *bytes, size_t size) {
  uint32_t h = 2166136261u;
  for (const uint8_t *p = bytes; size--; p++) h = (h ^ *p) * 16777619u;
  return h ? h : 1;
}

void flush(void) {
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

void tell(char kind, uint32_t id, const void *a, size_t a_size, const void *b, size_t b_size) {
  struct out *o = resize(NULL, sizeof *o + 9 + a_size + b_size);
  *o = (struct out){ .size = 9 + a_size + b_size };
  put32(o->bytes, (uint32_t)(5 + a_size + b_size));
  o->bytes[4] = (uint8_t)kind;
  put32(o->bytes + 5, id);
  if (a_size) memcpy(o->bytes + 9, a, a_size);
  if (b_size) memcpy(o->bytes + 9 + a_size, b, b_size);
  *queue_end = o;
  queue_end = &o->next;
  queued += o->size;
  flush();
}

void tell_error(uint32_t id, const char *what, int error) {
  char text[256];
  int n = snprintf(text, sizeof text, "%s%s%s", what, error ? ": " : "", error ? strerror(error) : "");
  tell('E', id, text, (size_t)n, NULL, 0);
}

void on_stdin(void) {
  static uint8_t head[9], *body;
  static size_t have, size;
  while (queued <= MAX_QUEUE) {
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
    body[size - 9] = '\0'; /* ends the last string, whatever it is */
    uint32_t id = get32(head + 5);
    if (head[4] == 'W') watch(id, (char *)body, size - 9);
    else if (head[4] == 'U') unwatch(id);
    else if (head[4] == 'S') save(id, (char *)body, size - 9);
    else if (head[4] == 'R') run(id, (char *)body, size - 9);
    else if (head[4] == 'I') look_inside(id);
    else quit(2);
    free(body);
    have = 0;
    return; /* one request a turn: neither side can starve the rest of the loop */
  }
}
