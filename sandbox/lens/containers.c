/** What runc keeps: its state directories, followed by inotify, and each container's ends, freezes and lack of memory. */
#include "lens.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/** Of Linux 6.13 and later; the exit code, of 6.15. Older kernels tell it to nobody but the parent. */
struct pidfd_info_0 { uint64_t mask, cgroup; uint32_t ids[11]; int32_t exit_code; };
#define GET_INFO _IOWR(0xFF, 11, struct pidfd_info_0)
#define INFO_EXIT (1u << 3)

enum { EXIT_TRIES = 200, EXIT_AGAIN_MS = 10, OOM_PAUSE_MS = 100 };

struct container {
  struct container *next;
  char dir[512];          /* its state directory */
  char token[80];         /* of state.json as it was read last */
  char phase[12];
  pid_t pid;
  uint64_t start;
  char created[48], bundle[1024], ns[512], nspid[64];
  bool fresh;             /* it was not there yet when this program began */
  bool seen, frozen, has_exit;
  int exit_status, exit_tries; /* tries: 0, or how many are left */
  int pidfd, oom_fd, oom_watch;
  unsigned version;       /* how often state.json has changed */
  char freezer[600], memory[600];
  long oom_kills;
  int64_t oom_at;
  uint64_t told;
  struct bytes captured;
  bool has_captured;
};

int inotify = -1;
static struct container *containers;
static char roots[MAX_ROOTS][256];
static size_t root_count, captured_size;
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

/** A number behind `"key":` in what runc wrote; 0 if there is none. Only learners are fooled by another file. */
static uint64_t number_of(const char *json, const char *key) {
  char wanted[64];
  snprintf(wanted, sizeof wanted, "\"%s\":", key);
  const char *at = strstr(json, wanted);
  return at ? strtoull(at + strlen(wanted), NULL, 10) : 0;
}

/** The rest of a string that begins with `prefix`, without escapes; "" if there is none. */
static void string_of(const char *json, const char *prefix, char *to, size_t room) {
  const char *at = strstr(json, prefix);
  size_t n = at ? strcspn(at + strlen(prefix), "\"\\") : 0;
  bool whole = n < room && (!n || at[strlen(prefix) + n] == '"');
  if (whole && n) memcpy(to, at + strlen(prefix), n);
  to[whole ? n : 0] = '\0';
}

static void find_namespaces(struct container *c) {
  static const char *names[] = { "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts" };
  char path[64], link[64];
  size_t at = 0;
  for (size_t i = 0; i < 8; i++) {
    snprintf(path, sizeof path, "/proc/%d/ns/%s", c->pid, names[i]);
    ssize_t n = readlink(path, link, sizeof link - 1);
    if (n <= 0) continue;
    link[n] = '\0';
    at += (size_t)snprintf(c->ns + at, sizeof c->ns - at, "%s%s", at ? " " : "", link);
    if (at >= sizeof c->ns) at = sizeof c->ns - 1;
  }
}

/** Where its freezer and its memory are counted, on either version of cgroups. */
static void find_cgroups(struct container *c) {
  char path[64];
  struct bytes b = { 0 };
  bool v1_freezer = false, v1_memory = false;
  const char *unified = access("/sys/fs/cgroup/cgroup.controllers", F_OK) ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup";
  snprintf(path, sizeof path, "/proc/%d/cgroup", c->pid);
  c->freezer[0] = c->memory[0] = '\0';
  char state = read_file(&b, path, MAX_SMALL);
  add(&b, "", 1);
  char *save = NULL;
  for (char *line = strtok_r((char *)b.at, "\n", &save); line && state == 't'; line = strtok_r(NULL, "\n", &save)) {
    char *controllers = strchr(line, ':'), *place = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!place || strlen(place) > 500) continue;
    *place++ = '\0';
    controllers++;
    if (!strcmp(controllers, "freezer")) {
      v1_freezer = true;
      snprintf(c->freezer, sizeof c->freezer, "/sys/fs/cgroup/freezer%s/freezer.state", place);
    } else if (!strcmp(controllers, "memory")) {
      v1_memory = true;
      snprintf(c->memory, sizeof c->memory, "/sys/fs/cgroup/memory%s", place);
    } else if (!*controllers) {
      if (!v1_freezer) snprintf(c->freezer, sizeof c->freezer, "%s%s/cgroup.events", unified, place);
      if (!v1_memory) snprintf(c->memory, sizeof c->memory, "%s%s", unified, place);
    }
  }
  clear(&b);
  char pid[64];
  snprintf(pid, sizeof pid, "/proc/%d/status", c->pid);
  state = read_file(&b, pid, MAX_SMALL);
  add(&b, "", 1);
  const char *at = state == 't' ? strstr((char *)b.at, "\nNSpid:\t") : NULL;
  size_t n = at ? strcspn(at + 8, "\n") : 0;
  snprintf(c->nspid, sizeof c->nspid, "%.*s", (int)(n < 60 ? n : 60), at ? at + 8 : "");
  clear(&b);
}

static long oom_kills(const struct container *c) {
  char path[640];
  struct bytes b = { 0 };
  snprintf(path, sizeof path, "%s/memory.oom_control", c->memory);
  char state = read_file(&b, path, MAX_SMALL);
  if (state == 'e') {
    clear(&b);
    snprintf(path, sizeof path, "%s/memory.events", c->memory);
    state = read_file(&b, path, MAX_SMALL);
  }
  add(&b, "", 1);
  const char *at = state == 'e' ? NULL : strstr((char *)b.at, "oom_kill ");
  long kills = at ? strtol(at + 9, NULL, 10) : -1;
  clear(&b);
  return kills;
}

/** v1 tells through an eventfd, v2 through a change of memory.events. */
static void watch_memory(struct container *c) {
  char path[640], line[64];
  if (!c->memory[0]) return;
  c->oom_kills = oom_kills(c);
  snprintf(path, sizeof path, "%s/memory.events", c->memory);
  c->oom_watch = inotify < 0 ? -1 : inotify_add_watch(inotify, path, IN_MODIFY);
  if (c->oom_watch >= 0) return;
  snprintf(path, sizeof path, "%s/memory.oom_control", c->memory);
  int control = open(path, O_RDONLY | O_CLOEXEC), to = -1;
  snprintf(path, sizeof path, "%s/cgroup.event_control", c->memory);
  if (control >= 0) to = open(path, O_WRONLY | O_CLOEXEC);
  if (to >= 0) c->oom_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  int n = snprintf(line, sizeof line, "%d %d", c->oom_fd, control);
  if (c->oom_fd >= 0 && write(to, line, (size_t)n) < 0) {
    close(c->oom_fd);
    c->oom_fd = -1;
  }
  if (control >= 0) close(control);
  if (to >= 0) close(to);
}

static void tell_oom(struct container *c, long kills) {
  char text[32];
  if (kills > c->oom_kills) c->oom_kills = kills;
  if (now_ms() < c->oom_at) return;
  c->oom_at = now_ms() + OOM_PAUSE_MS;
  snprintf(text, sizeof text, "%ld", c->oom_kills);
  tell_event(c->dir, "oom", text);
}

static void tell_container(struct container *c) {
  struct bytes b = { 0 };
  add_string(&b, c->dir);
  add_string(&b, c->phase);
  add_format(&b, "%d", c->pid);
  add_string(&b, c->nspid);
  add_string(&b, c->created);
  if (c->has_exit) add_format(&b, "%d", c->exit_status);
  else add_string(&b, "");
  add_string(&b, c->frozen ? "1" : "0");
  add_string(&b, c->bundle);
  add_string(&b, c->ns);
  add_format(&b, "%u", c->version);
  add_string(&b, c->has_captured ? "1" : "0");
  uint64_t hash = hash_of(b.at, b.size);
  if (hash != c->told) tell('C', 0, &b);
  c->told = hash;
  clear(&b);
}

static void set_phase(struct container *c, const char *phase) {
  if (!strcmp(c->phase, phase)) return;
  const char *before = c->phase;
  /* What was there before this program has a past that is not known here. */
  bool news = c->fresh || *before;
  if (news && !strcmp(phase, "created")) tell_event(c->dir, "created", "");
  if (news && !strcmp(phase, "running")) tell_event(c->dir, "started", "");
  snprintf(c->phase, sizeof c->phase, "%s", phase);
}

/** The exit status, from the zombie while there is one, afterwards from the pidfd. */
static void find_exit(struct container *c) {
  if (c->pidfd < 0 || c->has_exit) return;
  struct pidfd_info_0 info = { .mask = INFO_EXIT };
  if (ioctl(c->pidfd, GET_INFO, &info) == 0 && info.mask & INFO_EXIT) {
    c->exit_status = info.exit_code;
    c->has_exit = true;
  } else {
    char path[32];
    struct bytes b = { 0 };
    snprintf(path, sizeof path, "/proc/%d/stat", c->pid);
    char state = read_file(&b, path, 4096);
    add(&b, "", 1);
    const char *at = state == 't' ? strrchr((char *)b.at, ')') : NULL;
    const char *last = at ? strrchr(at, ' ') : NULL;
    if (last && at[1] && at[2] == 'Z') {
      c->exit_status = atoi(last + 1);
      c->has_exit = true;
    }
    clear(&b);
  }
}

static void settle_exit(struct container *c) {
  find_exit(c);
  if (!c->has_exit && c->exit_tries > 1) {
    c->exit_tries--;
    return;
  }
  char text[16] = "";
  if (c->has_exit) snprintf(text, sizeof text, "%d", c->exit_status);
  tell_event(c->dir, "exit", text);
  c->exit_tries = 0;
  if (c->pidfd >= 0) close(c->pidfd);
  c->pidfd = -1;
  set_phase(c, "stopped");
  tell_container(c);
}

static void capture(struct container *c) {
  char path[1100];
  if (!c->fresh || c->has_captured || !c->bundle[0] || captured_size >= MAX_CAPTURED) return;
  snprintf(path, sizeof path, "%s/config.json", c->bundle);
  if (read_file(&c->captured, path, MAX_BIG) == 't') {
    c->has_captured = true;
    captured_size += c->captured.size;
  } else clear(&c->captured);
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

/** Reads state.json if it is another one than before. */
static void read_state(struct container *c) {
  char path[640], token[80];
  snprintf(path, sizeof path, "%s/state.json", c->dir);
  token_of(path, token);
  if (!strcmp(token, c->token)) return;
  struct bytes b = { 0 };
  char state = read_file(&b, path, MAX_BIG);
  add(&b, "", 1);
  memcpy(c->token, token, sizeof token);
  if (state != 'e') {
    const char *json = (char *)b.at;
    pid_t pid = (pid_t)number_of(json, "init_process_pid");
    if (c->pid && pid == c->pid) tell_event(c->dir, "changed", "");
    c->version++;
    string_of(json, "\"created\":\"", c->created, sizeof c->created);
    string_of(json, "\"bundle=", c->bundle, sizeof c->bundle);
    if (pid > 0 && pid != c->pid) {
      c->pid = pid;
      c->start = number_of(json, "init_process_start");
      if (c->pidfd >= 0) close(c->pidfd);
      c->pidfd = is_alive(pid, c->start) ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
      find_cgroups(c);
      find_namespaces(c);
      watch_memory(c);
    }
    capture(c);
  }
  clear(&b);
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
      char dir[512];
      struct stat st;
      int n = snprintf(dir, sizeof dir, "%s/%s", roots[i], e->d_name);
      if (*e->d_name == '.' || n >= (int)sizeof dir) continue;
      struct container *c = find(dir);
      if (!c && count >= MAX_CONTAINERS) {
        more++;
        continue;
      }
      if (lstat(dir, &st) < 0 || !S_ISDIR(st.st_mode)) continue;
      if (!c) {
        uint32_t mask = IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_OPEN | IN_ONLYDIR | IN_DONT_FOLLOW;
        count++;
        c = resize(NULL, sizeof *c);
        memset(c, 0, sizeof *c);
        strcpy(c->dir, dir);
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
    uint64_t signals = 0;
    long kills = oom_kills(c);
    ssize_t n = read(fd, &signals, sizeof signals);
    /* The removal of the cgroup is one signal too. */
    if (kills >= 0) tell_oom(c, kills > c->oom_kills ? kills : c->oom_kills + 1);
    else if (n > 0 && signals > 1) tell_oom(c, c->oom_kills + 1);
    if (kills < 0 || n <= 0) {
      close(c->oom_fd);
      c->oom_fd = -1;
    }
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
