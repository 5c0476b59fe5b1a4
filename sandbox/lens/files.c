/** One reading: a file, a link, a node, a terminal's size, or a setting as another process's namespaces have it. */
#include "lens.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static char failed(struct bytes *to, const char *why) {
  add(to, why, strlen(why));
  return 'e';
}

char read_file(struct bytes *to, const char *path, size_t max) {
  struct stat st;
  /* stat before open: opening a FIFO lets its blocked writer go on, and opening a device may do anything. */
  if (stat(path, &st) < 0) return failed(to, strerror(errno));
  if (!S_ISREG(st.st_mode)) return failed(to, "it is not a regular file");
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return failed(to, strerror(errno));
  char result = 'e';
  size_t before = to->size;
  static uint8_t chunk[16384];
  if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
    close(fd);
    return failed(to, "it is not a regular file");
  }
  for (;;) {
    size_t left = max - (to->size - before);
    ssize_t n = read(fd, chunk, left < sizeof chunk ? left + 1 : sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      to->size = before;
      failed(to, strerror(errno));
      break;
    }
    result = 't';
    if (n == 0) break;
    if ((size_t)n > left) {
      add(to, chunk, left);
      result = 'c';
      break;
    }
    add(to, chunk, (size_t)n);
  }
  close(fd);
  return result;
}

void token_of(const char *path, char token[80]) {
  struct stat st;
  token[0] = '\0';
  if (stat(path, &st) == 0)
    snprintf(token, 80, "%ju:%ju:%jd.%09ld", (uintmax_t)st.st_ino, (uintmax_t)st.st_size,
             (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static char read_link(struct bytes *to, const char *path) {
  char target[PATH_MAX];
  ssize_t n = readlink(path, target, sizeof target);
  if (n < 0) return failed(to, strerror(errno));
  add(to, target, (size_t)n);
  return 't';
}

/** "TYPE MODE UID GID MAJOR MINOR SIZE MTIME_MS INODE" of the place itself, not of what a link there leads to. */
static char read_node(struct bytes *to, const char *path) {
  struct stat st;
  if (lstat(path, &st) < 0) return failed(to, strerror(errno));
  char type = S_ISCHR(st.st_mode) ? 'c' : S_ISBLK(st.st_mode) ? 'b' : S_ISFIFO(st.st_mode) ? 'p'
            : S_ISDIR(st.st_mode) ? 'd' : S_ISLNK(st.st_mode) ? 'l' : S_ISREG(st.st_mode) ? 'f' : '?';
  char text[200];
  int n = snprintf(text, sizeof text, "%c %o %u %u %u %u %jd %jd %ju", type, st.st_mode & 07777, st.st_uid,
                   st.st_gid, major(st.st_rdev), minor(st.st_rdev), (intmax_t)st.st_size,
                   (intmax_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000, (uintmax_t)st.st_ino);
  add(to, text, (size_t)n);
  return 't';
}

/** "COLUMNS ROWS" of a pseudo-terminal; nothing else is opened. */
static char read_window(struct bytes *to, const char *path) {
  struct stat st;
  struct winsize size;
  if (stat(path, &st) < 0) return failed(to, strerror(errno));
  if (!S_ISCHR(st.st_mode) || major(st.st_rdev) < 136 || major(st.st_rdev) > 143)
    return failed(to, "it is no pseudo-terminal");
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return failed(to, strerror(errno));
  int error = ioctl(fd, TIOCGWINSZ, &size) < 0 ? errno : 0;
  close(fd);
  if (error) return failed(to, strerror(error));
  char text[40];
  add(to, text, (size_t)snprintf(text, sizeof text, "%u %u", size.ws_col, size.ws_row));
  return 't';
}

/** "CLASS PRIORITY" as ioprio_get(2) tells it. */
static char read_io_priority(struct bytes *to, const char *pid) {
  long value = syscall(SYS_ioprio_get, 1, atoi(pid));
  if (value < 0) return failed(to, strerror(errno));
  char text[40];
  add(to, text, (size_t)snprintf(text, sizeof text, "%ld %ld", value >> 13, value & 0x1fff));
  return 't';
}

/** In a process of its own, which has joined the namespaces. Both uname() and /proc/sys answer for who asks. */
static _Noreturn void look_from_inside(int out, const char *pid, const char *types, const char *what) {
  static const struct { char letter; const char *name; int flag; } kinds[] = {
    { 'u', "uts", CLONE_NEWUTS }, { 'n', "net", CLONE_NEWNET }, { 'i', "ipc", CLONE_NEWIPC },
  };
  char path[64];
  struct bytes answer = { 0 };
  char state = 't';
  for (size_t i = 0; i < 3 && state == 't'; i++) {
    if (!strchr(types, kinds[i].letter)) continue;
    snprintf(path, sizeof path, "/proc/%d/ns/%s", atoi(pid), kinds[i].name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, kinds[i].flag) < 0) state = failed(&answer, strerror(errno));
  }
  struct utsname names;
  if (state == 't' && !strcmp(what, "uname")) {
    if (uname(&names) < 0) state = failed(&answer, strerror(errno));
    else add_format(&answer, "%s\n%s", names.nodename, names.domainname), answer.size--;
  } else if (state == 't') state = read_file(&answer, what, 8192);
  if (write(out, &state, 1) == 1 && answer.size && write(out, answer.at, answer.size) < 0) _exit(1);
  _exit(0);
}

/** `arguments`: "PID LETTERS uname" or "PID LETTERS PATH". */
static char read_inside(struct bytes *to, const char *arguments) {
  char pid[16], types[8];
  int at = 0, fds[2];
  if (sscanf(arguments, "%15s %7s %n", pid, types, &at) != 2) return failed(to, "malformed");
  if (pipe2(fds, O_CLOEXEC) < 0) return failed(to, strerror(errno));
  pid_t child = fork();
  if (child == 0) look_from_inside(fds[1], pid, types, arguments + at);
  int error = errno;
  close(fds[1]);
  char state = 'e', text[8192];
  ssize_t n = 0;
  if (child > 0) {
    if (read(fds[0], &state, 1) != 1) state = 'e';
    while ((n = read(fds[0], text, sizeof text)) > 0) add(to, text, (size_t)n);
    waitpid(child, NULL, 0);
  } else failed(to, strerror(error));
  close(fds[0]);
  return state;
}

char read_entry(struct bytes *to, const char *entry) {
  const char *rest = entry[0] && entry[1] == ' ' ? entry + 2 : "";
  switch (entry[0]) {
    case 'r':
    case 'R': return read_file(to, rest, MAX_SMALL);
    case 'b': return read_file(to, rest, MAX_BIG);
    case 'l': return read_link(to, rest);
    case 's': return read_node(to, rest);
    case 'w': return read_window(to, rest);
    case 'i': return read_io_priority(to, rest);
    case 'n': return read_inside(to, rest);
    case 'c': return read_captured(to, rest);
    case 'p': return read_processes(to);
    default: return failed(to, "unknown kind of entry");
  }
}
