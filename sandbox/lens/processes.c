/** Processes: all of them as a table, and those among them that are runc, whose arguments tell what happens. */
#include "lens.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>

/** A short file of /proc/PID; returns its size, 0 if there is none. Ends with a NUL. */
static size_t peek(const char *pid, const char *name, char *to, size_t room) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%.12s/%.32s", pid, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, to, room - 1);
  if (fd >= 0) close(fd);
  to[n > 0 ? n : 0] = '\0';
  return n > 0 ? (size_t)n : 0;
}

/** Field `n` of /proc/PID/stat, counted as proc(5) does, from 3 on; the name before may hold anything. */
static const char *stat_field(const char *stat, int n) {
  const char *at = strrchr(stat, ')');
  for (; at && n > 2; n--) at = strchr(at + 1, ' ');
  return at ? at + 1 : "";
}

bool is_alive(pid_t pid, uint64_t start) {
  char name[16], stat[1024];
  snprintf(name, sizeof name, "%d", pid);
  if (!peek(name, "stat", stat, sizeof stat)) return false;
  char state = *stat_field(stat, 3);
  return state != 'Z' && state != 'X' && strtoull(stat_field(stat, 22), NULL, 10) == start;
}

/** Arguments with spaces between, control characters as '?'. */
static void make_plain(char *text, size_t size, char between) {
  while (size && !text[size - 1]) size--;
  for (size_t i = 0; i < size; i++)
    text[i] = !text[i] ? between : (unsigned char)text[i] < 32 || text[i] == 127 ? '?' : text[i];
  text[size] = '\0';
}

static void status_value(const char *status, const char *key, char *to, size_t room) {
  char wanted[32];
  int length = snprintf(wanted, sizeof wanted, "\n%s:\t", key);
  const char *at = strstr(status, wanted);
  size_t n = at ? strcspn(at + length, "\n") : 0;
  if (n >= room) n = room - 1;
  if (n) memcpy(to, at + length, n);
  to[n] = '\0';
  for (char *p = to; *p; p++)
    if (*p == '\t') *p = ' ';
}

char read_processes(struct bytes *to) {
  DIR *proc = opendir("/proc");
  if (!proc) {
    add(to, strerror(errno), strlen(strerror(errno)));
    return 'e';
  }
  int count = 0;
  for (struct dirent *e; (e = readdir(proc));) {
    if (!isdigit((unsigned char)*e->d_name)) continue;
    if (++count > MAX_PROCESSES) break;
    char status[2048], command[256], link[80], path[64], ppid[16], nspid[96], state[16], uid[64], memory[24];
    if (!peek(e->d_name, "status", status, sizeof status)) continue;
    status_value(status, "PPid", ppid, sizeof ppid);
    status_value(status, "NSpid", nspid, sizeof nspid);
    status_value(status, "State", state, sizeof state);
    status_value(status, "Uid", uid, sizeof uid);
    status_value(status, "VmRSS", memory, sizeof memory);
    uid[strcspn(uid, " ")] = '\0';
    memory[strcspn(memory + strspn(memory, " "), " ") + strspn(memory, " ")] = '\0';
    size_t size = peek(e->d_name, "cmdline", command, sizeof command - 1);
    if (size) make_plain(command, size, ' ');
    else {
      size = peek(e->d_name, "comm", command + 1, sizeof command - 3);
      command[0] = '[';
      while (size && command[size] == '\n') size--;
      command[size + 1] = ']';
      command[size + 2] = '\0';
      make_plain(command, size + 2, ' ');
    }
    snprintf(path, sizeof path, "/proc/%.12s/ns/pid", e->d_name);
    ssize_t n = readlink(path, link, sizeof link - 1);
    link[n > 0 ? n : 0] = '\0';
    char line[1024];
    n = snprintf(line, sizeof line, "%s\t%s\t%s\t%c\t%s\t%s\t%s\t%s\n", e->d_name, ppid, nspid, *state, uid,
                 memory + strspn(memory, " "), link, command);
    add(to, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
  }
  closedir(proc);
  return count > MAX_PROCESSES ? 'c' : 't';
}

/** runcs that have been told, by pid and start; the oldest is forgotten first. */
static struct { pid_t pid; uint64_t start; } told[64];
static unsigned told_next;

static bool is_told(pid_t pid, uint64_t start) {
  for (unsigned i = 0; i < 64; i++)
    if (told[i].pid == pid && told[i].start == start) return true;
  told[told_next].pid = pid;
  told[told_next].start = start;
  told_next = (told_next + 1) % 64;
  return false;
}

/** --root DIR, --root=DIR, or as it is written with one dash. */
static void learn_from(const char *arguments, size_t size) {
  for (const char *at = arguments; at < arguments + size; at += strlen(at) + 1) {
    const char *name = at + (at[0] == '-') + (at[0] == '-' && at[1] == '-');
    if (name == at || strncmp(name, "root", 4)) continue;
    const char *value = name[4] == '=' ? name + 5 : name[4] ? NULL : at + strlen(at) + 1;
    if (value && value < arguments + size) learn_root(value);
  }
}

/** Whether the lab's agent is above: a lesson's check asks runc as well, which is nothing that happened. */
static bool is_of_a_check(const char *stat) {
  char pid[16], name[32], above[1024];
  snprintf(above, sizeof above, "%s", stat);
  for (int level = 0; level < 8; level++) {
    int parent = (int)strtol(stat_field(above, 4), NULL, 10);
    if (parent <= 1) return false;
    snprintf(pid, sizeof pid, "%d", parent);
    if (peek(pid, "comm", name, sizeof name) && !strcmp(name, "agent\n")) return true;
    if (!peek(pid, "stat", above, sizeof above)) return false;
  }
  return false;
}

void look_for_runc(void) {
  DIR *proc = opendir("/proc");
  if (!proc) return;
  int count = 0;
  for (struct dirent *e; (e = readdir(proc)) && count < 4 * MAX_PROCESSES;) {
    if (!isdigit((unsigned char)*e->d_name)) continue;
    count++;
    char name[32], stat[1024], arguments[1024];
    if (!peek(e->d_name, "comm", name, sizeof name) || strcmp(name, "runc\n")) continue;
    if (!peek(e->d_name, "stat", stat, sizeof stat)) continue;
    uint64_t start = strtoull(stat_field(stat, 22), NULL, 10);
    size_t size = peek(e->d_name, "cmdline", arguments, sizeof arguments - 1);
    if (!size || is_told(atoi(e->d_name), start)) continue;
    learn_from(arguments, size);
    if (is_of_a_check(stat)) continue;
    make_plain(arguments, size, '\x1f');
    int64_t began = (int64_t)(start * 1000 / (uint64_t)sysconf(_SC_CLK_TCK));
    tell_event_at(wall_ms() - (boot_ms() - began), "", "command", arguments);
  }
  closedir(proc);
}
