/** What the host wants to be read again and again: only readings that differ from the last one are told. */
#include "lens.h"
#include <stdlib.h>
#include <string.h>

struct entry { char *text; char token[80]; uint64_t hash; };
struct plan {
  uint32_t id; /* 0: free */
  char *payload;
  size_t count;
  unsigned rounds;
  struct entry *entries;
};

static struct plan plans[MAX_PLANS];

void drop_plan(uint32_t id) {
  for (struct plan *p = plans; p < plans + MAX_PLANS; p++) {
    if (p->id != id || !id) continue;
    free(p->payload);
    free(p->entries);
    *p = (struct plan){ 0 };
  }
}

void set_plan(uint32_t id, char *payload, size_t size) {
  drop_plan(id);
  struct plan *p = plans;
  while (p < plans + MAX_PLANS && p->id) p++;
  if (!id || p == plans + MAX_PLANS || (size && payload[size - 1])) quit(2);
  *p = (struct plan){ .id = id, .payload = resize(NULL, size + 1) };
  memcpy(p->payload, payload, size);
  p->entries = resize(NULL, MAX_ENTRIES * sizeof *p->entries);
  for (char *at = p->payload; at < p->payload + size && p->count < MAX_ENTRIES; at += strlen(at) + 1)
    p->entries[p->count++] = (struct entry){ .text = at };
}

bool have_plans(void) {
  for (struct plan *p = plans; p < plans + MAX_PLANS; p++)
    if (p->id) return true;
  return false;
}

/** Files of a cgroup and of /proc are asked for each time, what seldom changes every third. */
static bool is_slow(const char *entry) { return !strchr("rl", *entry); }

static void read_plan(struct plan *p) {
  struct bytes changed = { 0 };
  bool slow = p->rounds % SLOW_TICKS == 0;
  for (size_t i = 0; i < p->count; i++) {
    struct entry *e = &p->entries[i];
    if (is_slow(e->text) && !slow) continue;
    if (*e->text == 'b') {
      char token[80];
      token_of(e->text + 2, token);
      if (e->hash && !strcmp(token, e->token)) continue;
      memcpy(e->token, token, sizeof token);
    }
    struct bytes reading = { 0 };
    char state = read_entry(&reading, e->text);
    add(&reading, &state, 1); /* so that an error and a text of the same words differ */
    uint64_t hash = hash_of(reading.at, reading.size--);
    if (hash != e->hash) {
      /* A frame has its limits: what does not fit into this one goes into the next. */
      if (changed.size && changed.size + reading.size > MAX_FRAME / 2) {
        tell('F', p->id, &changed);
        changed.size = 0;
      }
      add32(&changed, (uint32_t)i);
      add(&changed, &state, 1);
      add32(&changed, (uint32_t)reading.size);
      add(&changed, reading.at, reading.size);
      e->hash = hash;
    }
    clear(&reading);
  }
  if (changed.size) tell('F', p->id, &changed);
  if (p->rounds++ == 0) tell('F', p->id, &(struct bytes){ 0 });
  clear(&changed);
}

void read_plans(void) {
  for (struct plan *p = plans; p < plans + MAX_PLANS; p++)
    if (p->id && queued <= MAX_QUEUE) read_plan(p);
}
