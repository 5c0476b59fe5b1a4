/** What only a program inside can see of the sandbox's limits: room on its disk, pseudo-terminals, files that are open. */
#include "agent.h"
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

enum {
  MAX_PROCESSES = 4096,
  MAX_OPENERS = 8, /* so many processes with many open files are looked at */
  MANY_FILES = 1000,
  FULL_PERCENT = 97,
};

/** How many entries have a number for a name. */
static long count(const char *path) {
  DIR *dir = opendir(path);
  if (!dir) return 0;
  long n = 0;
  for (struct dirent *e; (e = readdir(dir));)
    if (isdigit((unsigned char)*e->d_name)) n++;
  closedir(dir);
  return n;
}

/** The number after `key` in /proc/PID/FILE; 0 if there is none. */
static long field(const char *pid, const char *file, const char *key) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%.10s/%s", pid, file);
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return 0;
  ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  text[size > 0 ? size : 0] = '\0';
  const char *found = strstr(text, key);
  return found ? strtol(found + strlen(key), NULL, 10) : 0;
}

static bool has_no_files_left(const char *pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%.10s/fd", pid);
  long most = field(pid, "limits", "\nMax open files");
  return most > 0 && count(path) * 100 >= most * FULL_PERCENT;
}

/** The name of a program that can hardly open another file; empty if there is none. */
static void find_opener(char name[16]) {
  DIR *proc = opendir("/proc");
  int seen = 0, openers = 0;
  *name = '\0';
  for (struct dirent *e; proc && !*name && seen < MAX_PROCESSES && (e = readdir(proc));) {
    if (!isdigit((unsigned char)*e->d_name)) continue;
    seen++;
    /* How large a table the kernel holds for it: cheap to ask, unlike how many files are open. */
    if (field(e->d_name, "status", "\nFDSize:") < MANY_FILES) continue;
    if (++openers > MAX_OPENERS) break;
    if (!has_no_files_left(e->d_name)) continue;
    char path[64];
    snprintf(path, sizeof path, "/proc/%.10s/comm", e->d_name);
    FILE *comm = fopen(path, "re");
    if (comm && fgets(name, 16, comm)) name[strcspn(name, "\n")] = '\0';
    if (comm) fclose(comm);
  }
  if (proc) closedir(proc);
}

void look_inside(uint32_t id) {
  struct statfs disk;
  char text[160], name[16];
  if (statfs("/", &disk) < 0) {
    tell_error(id, "the disk could not be looked at", 0);
    return;
  }
  find_opener(name);
  int size = snprintf(text, sizeof text, "%ju %ju %ju %ju %ld %s", (uintmax_t)disk.f_blocks,
                      (uintmax_t)disk.f_bavail, (uintmax_t)disk.f_files, (uintmax_t)disk.f_ffree,
                      count("/dev/pts"), name);
  tell('I', id, text, (size_t)size, NULL, 0);
}
