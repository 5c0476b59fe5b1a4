/** What runc keeps: its state directories, followed by inotify, and each container's ends, freezes and lack of memory. */
#include "container.h"
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

int inotify = -1;
static struct container *containers;
static char roots[MAX_ROOTS][256];
static size_t root_count;
size_t captured_size;
static bool first_scan = true;
static int64_t rescan_at = -1, rescan_pause_until, runc_at = -1, runc_pause_until;

void tell_event_at(int64_t at, const char *dir, const char *what, const char *detail) {
  struct bytes b = { 0 };
  add_format(&b, "%jd", (intmax_t)at);
  add_string(&b, dir);
  add_string(&b, what);
  add_string(&b, detail);
  if (queued <= MAX_QUEUE) tell('V', 0, &b);
  clear(&b);
}

void tell_event(const char *dir, const char *what, const char *detail) {
  tell_event_at(wall_ms(), dir, what, detail);
}

void learn_root(const char *root) {
  char real[PATH_MAX];
  if (*root != '/') return;
  if (!realpath(root, real)) snprintf(real, sizeof real, "%s", root);
  if (strlen(real) >= sizeof roots[0]) return;
  for (size_t i = 0; i < root_count; i++)
    if (!strcmp(roots[i], real)) return;
  if (root_count == MAX_ROOTS) return;
  strcpy(roots[root_count++], real);
  if (!first_scan) rescan_at = now_ms();
}

char read_captured(struct bytes *to, const char *dir) {
  for (struct container *c = containers; c; c = c->next)
    if (c->has_captured && !strcmp(c->dir, dir)) {
      add(to, c->captured.at, c->captured.size);
      return 't';
    }
  add(to, "its start was not seen", 22);
  return 'e';
}

static void look_at(struct container *c) {
  char path[640];
  struct stat st;
  read_state(c);
  snprintf(path, sizeof path, "%s/exec.fifo", c->dir);
  if (c->pid <= 0) set_phase(c, "creating");
  else if (c->exit_tries) return;
  else if (!is_alive(c->pid, c->start)) {
    if (c->pidfd >= 0) {
      /* The pidfd tells of it in this or the next round. */
    } else set_phase(c, "stopped");
  } else if (lstat(path, &st) == 0) set_phase(c, "created");
  else {
    if (strcmp(c->phase, "running")) find_namespaces(c), find_cgroups(c);
    set_phase(c, "running");
  }
  tell_container(c);
}

static void forget(struct container *c) {
  look_for_oom(c);
  if (c->pidfd >= 0) {
    find_exit(c);
    char text[16] = "";
    if (c->has_exit) snprintf(text, sizeof text, "%d", c->exit_status);
    tell_event(c->dir, "exit", text);
    close(c->pidfd);
  }
  if (c->oom_fd >= 0) close(c->oom_fd);
  if (c->oom_watch >= 0) inotify_rm_watch(inotify, c->oom_watch);
  captured_size -= c->captured.size;
  clear(&c->captured);
  snprintf(c->phase, sizeof c->phase, "gone");
  tell_container(c);
  tell_event(c->dir, "deleted", "");
  free(c);
}

/** What tells this directory from a later one of the same name; "" if it is no directory. */
static void place_of(const char *dir, char place[80]) {
  struct statx st;
  place[0] = '\0';
  if (statx(AT_FDCWD, dir, AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_INO | STATX_BTIME, &st) == 0 && S_ISDIR(st.stx_mode))
    snprintf(place, 80, "%u:%u:%ju:%jd.%09u", st.stx_dev_major, st.stx_dev_minor, (uintmax_t)st.stx_ino,
             (intmax_t)st.stx_btime.tv_sec, st.stx_btime.tv_nsec);
}

/** Follows every directory on the way, so that one that appears later is noticed. */
static void watch_way(const char *path) {
  char part[512];
  uint32_t mask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;
  if (inotify < 0) return;
  for (const char *at = path; (at = strchr(at + 1, '/')) || !at;) {
    snprintf(part, sizeof part, "%.*s", at ? (int)(at - path) : (int)strlen(path), path);
    /* /tmp sees much that is none of our business; what a root is made in is looked at again anyway. */
    if (strcmp(part, "/tmp") && inotify_add_watch(inotify, part, mask) < 0) return;
    if (!at) return;
  }
}

static struct container *find(const char *dir) {
  for (struct container *c = containers; c; c = c->next)
    if (!strcmp(c->dir, dir)) return c;
  return NULL;
}

/** Another container has taken its name before anybody looked: this one is over. */
static void replace(struct container *c) {
  struct container **p = &containers;
  while (*p != c) p = &(*p)->next;
  *p = c->next;
  forget(c);
}

static void learn_user_roots(void) {
  DIR *users = opendir("/run/user");
  char path[300];
  for (struct dirent *e; users && (e = readdir(users));)
    if (*e->d_name != '.' && snprintf(path, sizeof path, "/run/user/%.200s/runc", e->d_name) && !access(path, F_OK))
      learn_root(path);
  if (users) closedir(users);
}

void rescan(void) {
  static uint32_t last_more = UINT32_MAX; /* so: the first one also says that the first scan is over */
  uint32_t count = 0, more = 0;
  int64_t began = now_ms();
  if (first_scan) {
    inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    learn_root("/run/runc");
    learn_root("/run/docker/runtime-runc/moby");
    learn_root("/run/containerd/runc/default");
  }
  learn_user_roots();
  for (struct container *c = containers; c; c = c->next) c->seen = false, count++;
  for (size_t i = 0; i < root_count; i++) {
    watch_way(roots[i]);
    DIR *root = opendir(roots[i]);
    for (struct dirent *e; root && (e = readdir(root));) {
      char dir[512], place[80];
      int n = snprintf(dir, sizeof dir, "%s/%s", roots[i], e->d_name);
      if (*e->d_name == '.' || n >= (int)sizeof dir) continue;
      struct container *c = find(dir);
      place_of(dir, place);
      if (c && *place && strcmp(c->place, place)) {
        replace(c);
        c = NULL;
        count--;
      }
      if (!c && count >= MAX_CONTAINERS) {
        more++;
        continue;
      }
      if (!*place) continue;
      if (!c) {
        uint32_t mask = IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_OPEN | IN_ONLYDIR | IN_DONT_FOLLOW;
        count++;
        c = resize(NULL, sizeof *c);
        memset(c, 0, sizeof *c);
        strcpy(c->dir, dir);
        strcpy(c->place, place);
        c->pidfd = c->oom_fd = c->oom_watch = -1;
        c->fresh = !first_scan;
        c->next = containers;
        containers = c;
        if (inotify >= 0) inotify_add_watch(inotify, dir, mask);
      }
      c->seen = true;
    }
    if (root) closedir(root);
  }
  for (struct container **p = &containers; *p;) {
    struct container *c = *p;
    if (c->seen) {
      look_at(c);
      p = &c->next;
    } else {
      *p = c->next;
      forget(c);
    }
  }
  if (more != last_more) tell('M', more, &(struct bytes){ 0 });
  last_more = more;
  first_scan = false;
  rescan_at = inotify < 0 ? now_ms() + TICK_MS : -1;
  rescan_pause_until = now_ms() + 4 * (now_ms() - began);
}

void look_at_states(void) {
  char text[16];
  for (struct container *c = containers; c; c = c->next) {
    if (strcmp(c->phase, "running")) continue;
    /* Without a pidfd nothing tells of the end. */
    if (c->pidfd < 0 && !is_alive(c->pid, c->start)) {
      tell_event(c->dir, "exit", "");
      set_phase(c, "stopped");
      tell_container(c);
      continue;
    }
    struct bytes b = { 0 };
    char state = c->freezer[0] ? read_file(&b, c->freezer, 4096) : 'e';
    add(&b, "", 1);
    bool frozen = state == 't' && (!strncmp((char *)b.at, "FROZEN", 6) || strstr((char *)b.at, "frozen 1"));
    clear(&b);
    if (frozen != c->frozen) tell_event(c->dir, frozen ? "paused" : "resumed", "");
    c->frozen = frozen;
    long kills = c->memory[0] ? oom_kills(c) : -1;
    if (c->oom_kills >= 0 && kills > c->oom_kills) tell_oom(c, kills);
    if (kills >= 0 && c->oom_watch >= 0) remember_kills_around(c);
    snprintf(text, sizeof text, "%d", c->pid);
    tell_container(c);
  }
}

void on_inotify(void) {
  static _Alignas(struct inotify_event) char events[16384];
  for (int round = 0; round < 64; round++) {
    ssize_t size = read(inotify, events, sizeof events);
    if (size <= 0) return;
    for (char *at = events; at < events + size;) {
      const struct inotify_event *e = (const void *)at;
      at += sizeof *e + e->len;
      int64_t now = now_ms();
      if (e->mask & IN_OPEN) {
        if (e->len && !strcmp(e->name, "state.json") && runc_at < 0)
          runc_at = now > runc_pause_until ? now : runc_pause_until;
        continue;
      }
      if (e->mask & IN_MODIFY)
        for (struct container *c = containers; c; c = c->next) {
          long kills = c->oom_watch == e->wd ? oom_kills(c) : -1;
          if (kills > c->oom_kills) tell_oom(c, kills);
        }
      else if (rescan_at < 0) rescan_at = now > rescan_pause_until ? now : rescan_pause_until;
    }
  }
}

bool any_running(void) {
  for (struct container *c = containers; c; c = c->next)
    if (!strcmp(c->phase, "running")) return true;
  return false;
}

size_t container_fds(struct pollfd *fds, size_t room) {
  size_t n = 0;
  for (struct container *c = containers; c; c = c->next) {
    if (c->pidfd >= 0 && !c->exit_tries && n < room) fds[n++] = (struct pollfd){ .fd = c->pidfd, .events = POLLIN };
    if (c->oom_fd >= 0 && n < room) fds[n++] = (struct pollfd){ .fd = c->oom_fd, .events = POLLIN };
  }
  return n;
}

void on_container_fd(int fd) {
  for (struct container *c = containers; c; c = c->next) {
    if (fd == c->pidfd) {
      c->exit_tries = EXIT_TRIES;
      settle_exit(c);
      return;
    }
    if (fd != c->oom_fd) continue;
    look_for_oom(c);
    return;
  }
}

int container_wait(void) {
  int64_t now = now_ms(), wake = INT64_MAX;
  for (struct container *c = containers; c; c = c->next)
    if (c->exit_tries) {
      settle_exit(c);
      if (c->exit_tries) wake = now + EXIT_AGAIN_MS;
    }
  /* Before the scan: what runc was asked comes before what has come of it. */
  if (runc_at >= 0 && runc_at <= now) {
    runc_at = -1;
    look_for_runc();
    runc_pause_until = now_ms() + 10;
  }
  if (rescan_at >= 0 && rescan_at <= now) rescan();
  if (runc_at >= 0 && runc_at < wake) wake = runc_at;
  if (rescan_at >= 0 && rescan_at < wake) wake = rescan_at;
  return wake == INT64_MAX ? -1 : wake <= now ? 0 : (int)(wake - now);
}
