/**
 * The lab's hands inside one sandbox: watches files, saves them and runs programs for the host process.
 *
 * Frames both ways on standard input and output: u32 LE length of the rest, u8 kind, u32 LE id, payload.
 *   from the host:  W watch a path   U unwatch   S save a file   R run a program
 *   to the host:    H hello   F a watched file   D saved   X the file is another   O output   E refused
 * One thread and one poll loop. All memory is bounded: frames, files, watches, runs, the queue to the host.
 * Exits with 0 when the host is gone, 2 on a malformed frame, 3 without memory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <malloc.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

enum {
  MAX_FRAME = 2 << 20,
  MAX_FILE = 1 << 20,
  MAX_OUTPUT = 1 << 20,
  MAX_QUEUE = 4 << 20, /* with more than this unsent, no request is read */
  MAX_WATCHES = 256,
  MAX_LINKS = 64,
  MAX_RUNS = 16,
  MAX_TIMEOUT_MS = 600000,
  TOKEN = 96,
  /* Milliseconds. */
  QUIET = 15,         /* a file is read when nothing has happened to it for so long … */
  PATIENCE = 60,      /* … or when this has passed since the first of the events */
  EMPTY_AGAIN = 30,   /* an empty file may be one between truncation and writing: it is read once more */
  POLLING = 500,      /* where inotify cannot serve */
  INOTIFY_PAUSE = 5,  /* between two reads of events, so that a storm of them costs little */
};
#define NEVER INT64_MAX

/** A place whose events concern a watch: a directory and the hash of the name looked up there; 0: any. */
struct link { int wd; uint32_t name; };

struct watch {
  struct watch *next;
  uint32_t id;
  int64_t first;  /* when the first event since the last reading came; 0: none has */
  int64_t due;    /* when to read the file */
  bool was_empty; /* the last reading found an empty file and was not told */
  char last[TOKEN + 128]; /* what the host knows: state, then token or reason; empty: nothing yet */
  uint32_t hash;  /* of the content that the host knows: tokens miss changes within one tick of the clock */
  int links;
  struct link link[MAX_LINKS];
  char path[];
};

/** A file as it is now. state: 'a' absent, 't' regular with its content, 'u' unreadable and why. */
struct file {
  char state;
  char token[TOKEN];
  const char *why;
  struct stat st;
  uint8_t *content;
  size_t size;
};

struct run {
  pid_t pid; /* 0: free */
  uint32_t id;
  int fd;
  int64_t deadline;
  bool timed_out, truncated;
  uint8_t *output;
  size_t size, room, max;
};

struct out { struct out *next; size_t size, sent; uint8_t bytes[]; };

static struct watch *watches;
static struct run runs[MAX_RUNS];
static struct out *queue, **queue_end = &queue;
static size_t queued;
static int inotify = -1;
static int64_t inotify_at;

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void kill_run(const struct run *r) {
  kill(-r->pid, SIGKILL);
  kill(r->pid, SIGKILL); /* it may not have made its group yet; unreaped, its pid is still its own */
}

static _Noreturn void quit(int code) {
  for (struct run *r = runs; r < runs + MAX_RUNS; r++)
    if (r->pid) kill_run(r);
  _exit(code);
}

static void *resize(void *old, size_t size) {
  void *p = realloc(old, size ? size : 1);
  if (!p) quit(3);
  return p;
}

static void put32(uint8_t *to, uint32_t n) {
  for (int i = 0; i < 4; i++) to[i] = (uint8_t)(n >> (8 * i));
}

static uint32_t get32(const uint8_t *from) {
  return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

/** FNV-1a, never 0. */
static uint32_t hash_of(const void *bytes, size_t size) {
  uint32_t h = 2166136261u;
  for (const uint8_t *p = bytes; size--; p++) h = (h ^ *p) * 16777619u;
  return h ? h : 1;
}

/* ---- to the host ---- */

static void flush(void) {
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

static void tell(char kind, uint32_t id, const void *a, size_t a_size, const void *b, size_t b_size) {
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

static void tell_error(uint32_t id, const char *what, int error) {
  char text[256];
  int n = snprintf(text, sizeof text, "%s%s%s", what, error ? ": " : "", error ? strerror(error) : "");
  tell('E', id, text, (size_t)n, NULL, 0);
}

static void tell_file(char kind, uint32_t id, const struct file *f) {
  char head[TOKEN + 2];
  int n = snprintf(head, sizeof head, "%c%s", f->state, f->token);
  if (f->state == 'u') tell(kind, id, head, (size_t)n + 1, f->why, strlen(f->why));
  else tell(kind, id, head, (size_t)n + 1, f->content, f->size);
}

/* ---- files ---- */

static void token_of(const struct stat *st, char token[TOKEN]) {
  uint64_t m = (uint64_t)st->st_mtim.tv_sec * 1000000000u + (uint64_t)st->st_mtim.tv_nsec;
  uint64_t c = (uint64_t)st->st_ctim.tv_sec * 1000000000u + (uint64_t)st->st_ctim.tv_nsec;
  snprintf(token, TOKEN, "%ju:%ju:%ju:%ju", (uintmax_t)st->st_ino, (uintmax_t)st->st_size, (uintmax_t)m,
           (uintmax_t)c);
}

static bool is_plain(struct file *f) {
  token_of(&f->st, f->token);
  if (S_ISDIR(f->st.st_mode)) f->why = "it is a directory";
  else if (!S_ISREG(f->st.st_mode)) f->why = "it is not a regular file";
  else if (f->st.st_size > MAX_FILE) f->why = "it is larger than 1 MiB";
  return !f->why;
}

/** Reads the file, following symbolic links. `content` is to be freed. */
static void look(const char *path, struct file *f) {
  *f = (struct file){ .state = 'u' };
  int fd = -1;
  /* stat before open: opening a FIFO lets its blocked writer go on, and opening a device may do anything. */
  if (stat(path, &f->st) < 0) goto failed;
  if (!is_plain(f)) return;
  fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &f->st) < 0) goto failed;
  if (!is_plain(f)) goto done;
  /* The token is older than the content, so a change in between makes it stale. In /proc, size 0 is a lie. */
  for (size_t room = (size_t)f->st.st_size + 1;; room = f->size * 2 + 4096) {
    if (room > MAX_FILE + 1) room = MAX_FILE + 1;
    f->content = resize(f->content, room);
    ssize_t n = 1;
    while (f->size < room && (n = read(fd, f->content + f->size, room - f->size)) > 0) f->size += (size_t)n;
    if (n < 0) goto failed;
    if (n == 0) break;
    if (room > MAX_FILE) {
      f->why = "it is larger than 1 MiB";
      goto done;
    }
  }
  f->state = 't';
  goto done;
failed:
  f->why = strerror(errno);
  if (errno == ENOENT || errno == ENOTDIR) f->state = 'a';
  if (f->state == 'a') f->token[0] = '\0';
done:
  if (fd >= 0) close(fd);
  if (f->state == 't') return;
  free(f->content);
  f->content = NULL;
  f->size = 0;
}

/**
 * Resolves the path as the kernel does, one component at a time. `real` becomes the place of the last one,
 * which need not exist. Returns 0, or an errno if the way there ends earlier.
 * With `w`, every directory on the way is watched BEFORE the look into it, so that nothing is missed in
 * between, and the file itself too: writes through a hard link or a bind mount are events of other places.
 * `blind` becomes true if some place could not be watched.
 */
static int walk(const char *path, char real[PATH_MAX], struct watch *w, bool *blind) {
  char rest[2 * PATH_MAX], target[PATH_MAX];
  size_t here = 0; /* length of `real` without a trailing slash: "" is the root */
  int hops = 0;
  real[0] = '\0';
  snprintf(rest, sizeof rest, "%s", path);
  for (char *at = rest;;) {
    at += strspn(at, "/");
    size_t n = strcspn(at, "/");
    const char *after = at + n + strspn(at + n, "/");
    if (n == 0) return 0;
    if (n <= 2 && !memcmp(at, "..", n)) {
      while (n == 2 && here > 0 && real[--here] != '/') continue;
      real[here] = '\0';
      at += n;
      continue;
    }
    if (here + n + 2 > PATH_MAX || n > NAME_MAX) return ENAMETOOLONG;
    if (w) {
      uint32_t mask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR | IN_MASK_ADD;
      if (!*after) mask |= IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB;
      int wd = w->links < MAX_LINKS - 1 ? inotify_add_watch(inotify, here ? real : "/", mask) : -1;
      if (wd >= 0) w->link[w->links++] = (struct link){ wd, hash_of(at, n) };
      else *blind = true;
    }
    real[here] = '/';
    memcpy(real + here + 1, at, n);
    real[here + 1 + n] = '\0';
    struct stat st;
    if (lstat(real, &st) < 0) return *after || errno != ENOENT ? errno : 0;
    if (S_ISLNK(st.st_mode)) {
      ssize_t size = readlink(real, target, sizeof target - 1);
      if (size < 0) return errno;
      if (++hops > 40) return ELOOP;
      if ((size_t)size + strlen(after) + 2 > PATH_MAX) return ENAMETOOLONG;
      target[size] = '/';
      memmove(rest + size + 1, after, strlen(after) + 1);
      memcpy(rest, target, (size_t)size + 1);
      if (*target == '/') here = 0;
      real[here] = '\0';
      at = rest;
    } else if (*after) {
      if (!S_ISDIR(st.st_mode)) return ENOTDIR;
      here += n + 1;
      at += n;
    } else {
      if (!w || !S_ISREG(st.st_mode)) return 0;
      uint32_t mask = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DONT_FOLLOW | IN_MASK_ADD;
      int wd = inotify_add_watch(inotify, real, mask);
      if (wd >= 0) w->link[w->links++] = (struct link){ wd, 0 };
      else *blind = true;
      return 0;
    }
  }
}

/* ---- watches ---- */

static bool is_linked(int wd) {
  for (struct watch *w = watches; w; w = w->next)
    for (int i = 0; i < w->links; i++)
      if (w->link[i].wd == wd) return true;
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
  int links = w->links;
  char real[PATH_MAX], before[sizeof w->last];
  bool blind = false;
  memcpy(old, w->link, sizeof old);
  w->links = 0;
  w->first = 0;
  if (inotify < 0) inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (walk(w->path, real, w, &blind) == ENAMETOOLONG) blind = true;
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

static void unwatch(uint32_t id) {
  for (struct watch **p = &watches; *p; p = &(*p)->next)
    if ((*p)->id == id) {
      struct watch *w = *p;
      *p = w->next;
      unlink_all(w->link, w->links);
      free(w);
      return;
    }
}

static void watch(uint32_t id, const char *path, size_t size) {
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

static void touch_all(void) {
  for (struct watch *w = watches; w; w = w->next) touch(w, now_ms());
}

static void on_inotify(void) {
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
        for (int i = 0; i < w->links; i++)
          if (w->link[i].wd == e->wd && (!name || !w->link[i].name || w->link[i].name == name))
            touch(w, now);
    }
  }
}

/* ---- saving ---- */

static int write_all(int fd, const uint8_t *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t n = write(fd, bytes + done, size - done);
    if (n < 0 && errno != EINTR) return -1;
    if (n > 0) done += (size_t)n;
  }
  return 0;
}

/** Puts a new file in the place of `old`, or where none is. Returns an errno; ESTALE, EEXIST: changed. */
static int replace(const char *real, const struct file *old, const uint8_t *bytes, size_t size,
                   struct stat *st) {
  char temp[PATH_MAX], token[TOKEN];
  const char *name = strrchr(real, '/') + 1;
  int n = snprintf(temp, sizeof temp, "%.*s.%.200s.lab-XXXXXX", (int)(name - real), real, name);
  if (n >= (int)sizeof temp) return ENAMETOOLONG;
  int fd = mkostemp(temp, O_CLOEXEC);
  if (fd < 0) return errno;
  bool fresh = old->state == 'a';
  int error = 0;
  if (!fresh && fchown(fd, old->st.st_uid, old->st.st_gid) < 0) error = errno;
  /* After fchown, which clears bits. */
  else if (fchmod(fd, fresh ? 0644 : old->st.st_mode & 07777) < 0) error = errno;
  else if (write_all(fd, bytes, size) < 0) error = errno;
  else if (fresh) {
    if (renameat2(AT_FDCWD, temp, AT_FDCWD, real, RENAME_NOREPLACE) < 0) error = errno;
    if ((error == EINVAL || error == ENOSYS) && (error = 0, rename(temp, real) < 0)) error = errno;
  } else {
    if (lstat(real, st) < 0) error = errno;
    else if (token_of(st, token), strcmp(token, old->token)) error = ESTALE;
    else if (rename(temp, real) < 0) error = errno;
  }
  if (error) unlink(temp);
  else if (fstat(fd, st) < 0) error = errno;
  close(fd);
  return error;
}

/** Writes into the file itself, which keeps its inode; on failure puts the old content back if it can. */
static int overwrite(const char *path, const struct file *old, const uint8_t *bytes, size_t size,
                     struct stat *st) {
  char token[TOKEN];
  int error = 0, fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return errno;
  if (fstat(fd, st) < 0) error = errno;
  else if (token_of(st, token), strcmp(token, old->token)) error = ESTALE;
  /* Space first, and truncation last: a full disk is met before anything is lost. */
  else if (size && fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)size) < 0 &&
           (errno == ENOSPC || errno == EDQUOT)) {
    error = errno;
    if (ftruncate(fd, (off_t)old->size) < 0) error = errno; /* gives back what was reserved */
  } else if (write_all(fd, bytes, size) < 0 || ftruncate(fd, (off_t)size) < 0) {
    error = errno;
    if (lseek(fd, 0, SEEK_SET) == 0 && write_all(fd, old->content, old->size) == 0 &&
        ftruncate(fd, (off_t)old->size) < 0)
      error = errno;
  }
  if (!error && fstat(fd, st) < 0) error = errno;
  close(fd);
  return error;
}

/** payload: token NUL path NUL content. */
static void save(uint32_t id, const char *payload, size_t size) {
  const char *path = payload + strlen(payload) + 1;
  if (path >= payload + size || *path != '/' || strlen(path) >= PATH_MAX) quit(2);
  const uint8_t *bytes = (const uint8_t *)path + strlen(path) + 1;
  if (bytes > (const uint8_t *)payload + size) quit(2);
  size -= (size_t)(bytes - (const uint8_t *)payload);
  if (size > MAX_FILE) {
    tell_error(id, "it would be larger than 1 MiB", 0);
    return;
  }
  struct file f;
  struct stat st, at_real;
  char real[PATH_MAX], token[TOKEN];
  look(path, &f);
  bool fresh = !strcmp(payload, "-");
  int error = 0;
  if (fresh ? f.state != 'a' : f.state != 't' || strcmp(payload, f.token)) error = ESTALE;
  else if (fresh) {
    error = walk(path, real, NULL, NULL);
    if (!error) error = replace(real, &f, bytes, size, &st);
  } else {
    /* Behind a magic link such as /proc/PID/root, `real` is another file, which must not be touched. */
    bool found = walk(path, real, NULL, NULL) == 0 && lstat(real, &at_real) == 0 &&
                 at_real.st_ino == f.st.st_ino && at_real.st_dev == f.st.st_dev;
    error = found && f.st.st_nlink == 1 ? replace(real, &f, bytes, size, &st) : EXDEV;
    /* A mount point, an unwritable directory, an owner of another user namespace … */
    if (error && error != ESTALE && error != ENOSPC && error != EDQUOT && error != EIO)
      error = overwrite(path, &f, bytes, size, &st);
  }
  if (error == ESTALE || error == EEXIST || (error == ENOENT && !fresh)) {
    free(f.content);
    look(path, &f);
    tell_file('X', id, &f);
  } else if (error) {
    tell_error(id, "it could not be written", error);
  } else {
    token_of(&st, token);
    for (struct watch *w = watches; w; w = w->next)
      if (*w->last && !strcmp(w->path, path)) remember(w, 't', token, bytes, size); /* so: no echo of it */
    tell('D', id, token, strlen(token), NULL, 0);
  }
  free(f.content);
}

/* ---- running ---- */

static _Noreturn void become(char **argv, int out) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody would end it at its time-out */
  close(0);
  int in = open("/dev/null", O_RDONLY);
  if (in < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) _exit(126);
  if (chdir("/root") < 0 && chdir("/") < 0) _exit(126);
  execvp(argv[0], argv);
  int error = errno;
  dprintf(2, "%s: %s\n", argv[0], strerror(error));
  _exit(error == ENOENT ? 127 : 126);
}

/** payload: time-out in ms NUL most bytes of output NUL argv, each with a NUL. */
static void run(uint32_t id, char *payload, size_t size) {
  char *rest, *end = payload + size;
  if (!size || end[-1]) quit(2);
  long timeout = strtol(payload, &rest, 10);
  if (*rest || timeout < 1 || timeout > MAX_TIMEOUT_MS || ++rest >= end) quit(2);
  long max = strtol(rest, &rest, 10);
  if (*rest || max < 0 || max > MAX_OUTPUT || ++rest >= end) quit(2);
  size_t argc = 0;
  for (char *p = rest; p < end; p += strlen(p) + 1) argc++;
  struct run *r = runs;
  while (r < runs + MAX_RUNS && r->pid) r++;
  int fds[2];
  if (r == runs + MAX_RUNS) {
    tell_error(id, "busy", 0);
    return;
  }
  if (pipe2(fds, O_CLOEXEC) < 0) {
    tell_error(id, "it could not be started", errno);
    return;
  }
  char **argv = resize(NULL, (argc + 1) * sizeof *argv);
  argv[argc] = NULL;
  for (size_t i = 0; i < argc; rest += strlen(rest) + 1) argv[i++] = rest;
  pid_t pid = fork();
  if (pid == 0) become(argv, fds[1]);
  int error = errno;
  free(argv);
  close(fds[1]);
  fcntl(fds[0], F_SETFL, O_NONBLOCK);
  if (pid < 0) {
    close(fds[0]);
    tell_error(id, "it could not be started", error);
    return;
  }
  *r = (struct run){ .pid = pid, .id = id, .fd = fds[0], .deadline = now_ms() + timeout, .max = (size_t)max };
}

/** Reads at most `most` bytes of output; throws away what exceeds the run's maximum: it must never block. */
static void drain(struct run *r, size_t most) {
  static uint8_t buffer[16384];
  while (most && r->fd >= 0) {
    ssize_t n = read(r->fd, buffer, most < sizeof buffer ? most : sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      close(r->fd);
      r->fd = -1;
      return;
    }
    most -= (size_t)n;
    size_t keep = (size_t)n < r->max - r->size ? (size_t)n : r->max - r->size;
    if (keep < (size_t)n) r->truncated = true;
    if (r->size + keep > r->room) r->output = resize(r->output, r->room = 2 * (r->size + keep));
    memcpy(r->output + r->size, buffer, keep);
    r->size += keep;
  }
}

/** Answers for all programs that have ended. A descendant may keep the pipe: what is in it by now counts. */
static void reap(void) {
  for (struct run *r = runs; r < runs + MAX_RUNS; r++) {
    int status, left = 0;
    if (!r->pid || waitpid(r->pid, &status, WNOHANG) != r->pid) continue;
    if (r->fd >= 0 && ioctl(r->fd, FIONREAD, &left) == 0 && left > 0) drain(r, (size_t)left);
    if (r->fd >= 0) close(r->fd);
    uint8_t head[5];
    put32(head, (uint32_t)(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status)));
    head[4] = (uint8_t)((r->timed_out ? 1 : 0) | (r->truncated ? 2 : 0));
    tell('O', r->id, head, sizeof head, r->output, r->size);
    free(r->output);
    *r = (struct run){ .pid = 0 };
  }
}

/* ---- the loop ---- */

static void on_stdin(void) {
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
    else quit(2);
    free(body);
    have = 0;
    return; /* one request a turn: neither side can starve the rest of the loop */
  }
}

static struct watch *most_due(void) {
  struct watch *found = watches;
  for (struct watch *w = watches; w; w = w->next)
    if (w->due < found->due) found = w;
  return found;
}

int main(void) {
  sigset_t child;
  syscall(SYS_close_range, 3u, ~0u, 0u);
  mallopt(M_MMAP_THRESHOLD, 65536); /* large buffers go back to the system at once */
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);
  clearenv();
  setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
  setenv("HOME", "/root", 1);
  umask(022);
  fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
  fcntl(1, F_SETFL, fcntl(1, F_GETFL) | O_NONBLOCK);
  int children = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
  /* A mount over a watched file is no event of inotify. */
  int mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
  if (children < 0) quit(3);
  tell('H', 0, "1", 1, NULL, 0);

  for (;;) {
    struct watch *w;
    /* Only with an empty queue: a slow host gets the newest state of each file, never a backlog. */
    while (!queue && (w = most_due()) && w->due <= now_ms()) evaluate(w);

    int64_t now = now_ms(), wake = NEVER;
    if (!queue && (w = most_due())) wake = w->due;
    if (inotify >= 0 && inotify_at > now && inotify_at < wake) wake = inotify_at;
    struct pollfd fds[5 + MAX_RUNS] = {
      { .fd = queued <= MAX_QUEUE ? 0 : -1, .events = POLLIN },
      { .fd = queue ? 1 : -1, .events = POLLOUT },
      { .fd = inotify_at <= now ? inotify : -1, .events = POLLIN },
      { .fd = children, .events = POLLIN },
      { .fd = mounts, .events = POLLPRI },
    };
    for (int i = 0; i < MAX_RUNS; i++) {
      struct run *r = &runs[i];
      if (r->pid && r->deadline <= now) {
        kill_run(r);
        r->timed_out = true;
        r->deadline = NEVER;
      }
      if (r->pid && r->deadline < wake) wake = r->deadline;
      fds[5 + i] = (struct pollfd){ .fd = r->pid ? r->fd : -1, .events = POLLIN };
    }
    int wait = wake == NEVER ? -1 : wake <= now ? 0 : wake - now < 60000 ? (int)(wake - now) : 60000;
    if (poll(fds, 5 + MAX_RUNS, wait) < 0 && errno != EINTR) quit(3);
    struct signalfd_siginfo ignored;
    if (fds[1].revents) flush();
    if (fds[2].revents) on_inotify();
    if (fds[4].revents) touch_all();
    for (int i = 0; i < MAX_RUNS; i++)
      if (fds[5 + i].revents) drain(&runs[i], 65536);
    if (fds[3].revents && read(children, &ignored, sizeof ignored) > 0) reap();
    if (fds[0].revents) on_stdin();
  }
}
