/** Watched files: what the host knows of each, and when to look again. */
#include "agent.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* Milliseconds. */
enum {
  QUIET = 15,         /* a file is read when nothing has happened to it for so long … */
  PATIENCE = 60,      /* … or when this has passed since the first of the events */
  EMPTY_AGAIN = 30,   /* an empty file may be one between truncation and writing: it is read once more */
  POLLING = 500,      /* where inotify cannot serve */
  INOTIFY_PAUSE = 5,  /* between two reads of events, so that a storm of them costs little */
};

struct watch {
  struct watch *next;
  uint32_t id;
  int64_t first;  /* when the first event since the last reading came; 0: none has */
  int64_t due;    /* when to read the file */
  bool was_empty; /* the last reading found an empty file and was not told */
  char last[TOKEN + 128]; /* what the host knows: state, then token or reason; empty: nothing yet */
  uint32_t hash;  /* of the content that the host knows: tokens miss changes within one tick of the clock */
  struct way way;
  char path[];
};

static struct watch *watches;
int inotify = -1;
static int64_t inotify_at;

static bool is_linked(int wd) {
  for (struct watch *w = watches; w; w = w->next)
    for (int i = 0; i < w->way.links; i++)
      if (w->way.link[i].wd == wd) return true;
  return false;
}

/** Drops the kernel's watches that nobody needs any longer. One that is gone already does no harm. */
static void unlink_all(const struct link *old, int links) {
  for (int i = 0; i < links; i++)
    if (!is_linked(old[i].wd)) inotify_rm_watch(inotify, old[i].wd);
}

static void touch(struct watch *w, int64_t now) {
  if (!w->first) w->first = now;
  w->due = now + QUIET < w->first + PATIENCE ? now + QUIET : w->first + PATIENCE;
}

static void remember(struct watch *w, char state, const char *what, const void *content, size_t size) {
  snprintf(w->last, sizeof w->last, "%c%s", state, what);
  w->hash = hash_of(content, size);
}

/** Follows the path anew, reads the file and tells the host if it is not what the host knows. */
static void evaluate(struct watch *w) {
  struct link old[MAX_LINKS];
  int links = w->way.links;
  char real[PATH_MAX], before[sizeof w->last];
  bool blind = false;
  memcpy(old, w->way.link, sizeof old);
  w->way.links = 0;
  w->first = 0;
  if (inotify < 0) inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (walk(w->path, real, &w->way, &blind) == ENAMETOOLONG) blind = true;
  unlink_all(old, links);
  w->due = blind ? now_ms() + POLLING : NEVER;

  struct file f;
  look(w->path, &f);
  uint32_t hash = w->hash;
  memcpy(before, w->last, sizeof before);
  remember(w, f.state, f.state == 'u' && !*f.token ? f.why : f.token, f.content, f.size);
  if (*before && !strcmp(before, w->last) && hash == w->hash) {
    w->was_empty = false;
  } else if (*before && f.state == 't' && f.size == 0 && !w->was_empty) {
    w->was_empty = true;
    w->due = now_ms() + EMPTY_AGAIN;
    memcpy(w->last, before, sizeof before);
    w->hash = hash;
  } else {
    w->was_empty = false;
    tell_file('F', w->id, &f);
  }
  free(f.content);
}

void unwatch(uint32_t id) {
  for (struct watch **p = &watches; *p; p = &(*p)->next)
    if ((*p)->id == id) {
      struct watch *w = *p;
      *p = w->next;
      unlink_all(w->way.link, w->way.links);
      free(w);
      return;
    }
}

void watch(uint32_t id, const char *path, size_t size) {
  if (*path != '/' || strlen(path) != size || size >= PATH_MAX) quit(2);
  unwatch(id);
  int count = 0;
  for (struct watch *w = watches; w; w = w->next) count++;
  if (count >= MAX_WATCHES) {
    tell_file('F', id, &(struct file){ .state = 'u', .why = "too many files are being watched" });
    return;
  }
  struct watch *w = resize(NULL, sizeof *w + size + 1);
  memset(w, 0, sizeof *w); /* due at 0: at once */
  w->id = id;
  memcpy(w->path, path, size + 1);
  w->next = watches;
  watches = w;
}

void touch_all(void) {
  for (struct watch *w = watches; w; w = w->next) touch(w, now_ms());
}

void on_inotify(void) {
  static _Alignas(struct inotify_event) char events[16384];
  int64_t now = now_ms();
  inotify_at = now + INOTIFY_PAUSE;
  for (int round = 0; round < 64; round++) {
    ssize_t size = read(inotify, events, sizeof events);
    if (size <= 0) return;
    for (char *at = events; at < events + size;) {
      const struct inotify_event *e = (const void *)at;
      at += sizeof *e + e->len;
      if (e->mask & IN_Q_OVERFLOW) touch_all();
      uint32_t name = e->len ? hash_of(e->name, strlen(e->name)) : 0;
      for (struct watch *w = watches; w; w = w->next)
        for (int i = 0; i < w->way.links; i++)
          if (w->way.link[i].wd == e->wd && (!name || !w->way.link[i].name || w->way.link[i].name == name))
            touch(w, now);
    }
  }
}

void know(const char *path, const char *token, const uint8_t *bytes, size_t size) {
  for (struct watch *w = watches; w; w = w->next)
    if (*w->last && !strcmp(w->path, path)) remember(w, 't', token, bytes, size);
}

static struct watch *most_due(void) {
  struct watch *found = watches;
  for (struct watch *w = watches; w; w = w->next)
    if (w->due < found->due) found = w;
  return found;
}

int64_t look_at_due(void) {
  struct watch *w;
  /* Only with an empty queue: a slow host gets the newest state of each file, never a backlog. */
  while (!queued && (w = most_due()) && w->due <= now_ms()) evaluate(w);
  return !queued && (w = most_due()) ? w->due : NEVER;
}

int64_t inotify_due(void) { return inotify >= 0 ? inotify_at : NEVER; }
