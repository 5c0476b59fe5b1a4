/** One container: what its state.json and its process say, how it ends, and where its memory is counted. */
#include "container.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/** Of Linux 6.13 and later; the exit code, of 6.15. Older kernels tell it to nobody but the parent. */
struct pidfd_info_0 { uint64_t mask, cgroup; uint32_t ids[11]; int32_t exit_code; };
#define GET_INFO _IOWR(0xFF, 11, struct pidfd_info_0)
#define INFO_EXIT (1u << 3)

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

void find_namespaces(struct container *c) {
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
void find_cgroups(struct container *c) {
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
  struct stat st;
  c->memory_inode = c->memory[0] && stat(c->memory, &st) == 0 ? st.st_ino : 0;
  char pid[64];
  snprintf(pid, sizeof pid, "/proc/%d/status", c->pid);
  state = read_file(&b, pid, MAX_SMALL);
  add(&b, "", 1);
  const char *at = state == 't' ? strstr((char *)b.at, "\nNSpid:\t") : NULL;
  size_t n = at ? strcspn(at + 8, "\n") : 0;
  snprintf(c->nspid, sizeof c->nspid, "%.*s", (int)(n < 60 ? n : 60), at ? at + 8 : "");
  clear(&b);
}

/** Programs killed for lack of memory, by the kernel's file of that name in the container's memory cgroup; -1 if it is gone. */
static long kills_in(const struct container *c, const char *name) {
  char path[640];
  struct bytes b = { 0 };
  struct stat st;
  if (c->memory_inode && (stat(c->memory, &st) < 0 || st.st_ino != c->memory_inode)) return -1;
  snprintf(path, sizeof path, "%s/%s", c->memory, name);
  char state = read_file(&b, path, MAX_SMALL);
  add(&b, "", 1);
  const char *at = state == 'e' ? NULL : strstr((char *)b.at, "oom_kill ");
  long kills = at ? strtol(at + 9, NULL, 10) : -1;
  clear(&b);
  return kills;
}

long oom_kills(const struct container *c) {
  long kills = kills_in(c, "memory.oom_control");
  return kills >= 0 ? kills : kills_in(c, "memory.events");
}

/** On v2 a parent counts the kills of its children too, also of one that is gone; -1 on v1, whose parents do not. */
static long kills_around(const struct container *c) {
  char *slash = strrchr(c->memory, '/');
  struct container parent = { 0 };
  if (c->oom_watch < 0 || !slash) return -1;
  snprintf(parent.memory, sizeof parent.memory, "%.*s", (int)(slash - c->memory), c->memory);
  return kills_in(&parent, "memory.events");
}

void remember_kills_around(struct container *c) { c->kills_around = kills_around(c); }

/** v1 tells through an eventfd, v2 through a change of memory.events. */
void watch_memory(struct container *c) {
  char path[640], line[64];
  if (!c->memory[0]) return;
  c->oom_kills = oom_kills(c);
  snprintf(path, sizeof path, "%s/memory.events", c->memory);
  c->oom_watch = inotify < 0 ? -1 : inotify_add_watch(inotify, path, IN_MODIFY);
  if (c->oom_watch >= 0) {
    remember_kills_around(c);
    return;
  }
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

void tell_oom(struct container *c, long kills) {
  char text[32];
  if (kills > c->oom_kills) c->oom_kills = kills;
  if (now_ms() < c->oom_at) return;
  c->oom_at = now_ms() + OOM_PAUSE_MS;
  snprintf(text, sizeof text, "%ld", c->oom_kills);
  tell_event(c->dir, "oom", text);
}

void look_for_oom(struct container *c) {
  uint64_t signals = 0;
  long kills = c->memory[0] ? oom_kills(c) : -1;
  ssize_t n = c->oom_fd >= 0 ? read(c->oom_fd, &signals, sizeof signals) : -1;
  /* Without the file the cgroup is gone; its removal is one signal too. */
  if (kills > c->oom_kills) tell_oom(c, kills);
  else if (n > 0 && (kills >= 0 || signals > 1)) tell_oom(c, c->oom_kills + 1);
  else if (kills < 0 && c->oom_watch >= 0) {
    /* runc was faster and has removed the cgroup: the parent still knows. */
    long before = c->kills_around;
    remember_kills_around(c);
    if (before >= 0 && c->kills_around > before) tell_oom(c, c->oom_kills + c->kills_around - before);
  }
  if (kills < 0 && c->oom_fd >= 0) {
    close(c->oom_fd);
    c->oom_fd = -1;
  }
}

void tell_container(struct container *c) {
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

void set_phase(struct container *c, const char *phase) {
  if (!strcmp(c->phase, phase)) return;
  const char *before = c->phase;
  /* What was there before this program has a past that is not known here. */
  bool news = c->fresh || *before;
  if (news && !strcmp(phase, "created")) tell_event(c->dir, "created", "");
  if (news && !strcmp(phase, "running")) tell_event(c->dir, "started", "");
  snprintf(c->phase, sizeof c->phase, "%s", phase);
}

/** The exit status, from the zombie while there is one, afterwards from the pidfd. */
void find_exit(struct container *c) {
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

void settle_exit(struct container *c) {
  look_for_oom(c);
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

/** When runc has made it, in milliseconds since 1970; INT64_MAX while state.json does not say. */
static int64_t created_ms(const struct container *c) {
  struct tm tm = { 0 };
  const char *rest = strptime(c->created, "%Y-%m-%dT%H:%M:%S", &tm);
  if (!rest || tm.tm_year < 70) return INT64_MAX;
  return (int64_t)timegm(&tm) * 1000 + (*rest == '.' ? (int64_t)(strtod(rest, NULL) * 1000) : 0);
}

/** Keeps config.json as it was at the start: not one that has been edited before this program came to look. */
static void capture(struct container *c) {
  char path[1100];
  struct stat st;
  if (!c->fresh || c->has_captured || !c->bundle[0] || captured_size >= MAX_CAPTURED) return;
  snprintf(path, sizeof path, "%s/config.json", c->bundle);
  int64_t created = created_ms(c);
  if (stat(path, &st) < 0 || (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000 > created) return;
  if (read_file(&c->captured, path, MAX_BIG) == 't') {
    c->has_captured = true;
    captured_size += c->captured.size;
  } else clear(&c->captured);
}

void read_state(struct container *c) {
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

