/**
 * The lab's hands inside one sandbox: watches files, saves them and runs programs for the host process.
 *
 * Frames both ways on standard input and output: u32 LE length of the rest, u8 kind, u32 LE id, payload.
 *   from the host:  W watch a path   U unwatch   S save a file   R run a program   I look inside
 *   to the host:    H hello   F a watched file   D saved   X the file is another   O output   I what is inside   E refused
 * One thread and one poll loop. All memory is bounded: frames, files, watches, runs, the queue to the host.
 * Exits with 0 when the host is gone, 2 on a malformed frame, 3 without memory.
 */
#ifndef AGENT_H
#define AGENT_H
#define _GNU_SOURCE
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

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
};
#define NEVER INT64_MAX

/* ---- frames.c ---- */
extern size_t queued; /* bytes that the host has not taken */
void flush(void);
void tell(char kind, uint32_t id, const void *a, size_t a_size, const void *b, size_t b_size);
void tell_error(uint32_t id, const char *what, int error);
/** Reads one request if a whole one is there, and has it done. */
void on_stdin(void);
void put32(uint8_t *to, uint32_t n);
uint32_t hash_of(const void *bytes, size_t size); /* never 0 */
int64_t now_ms(void); /* monotonic */
/** Ends all programs that run, and this one. */
_Noreturn void quit(int code);
void *resize(void *old, size_t size);

/* ---- files.c ---- */
/** A file as it is now. state: 'a' absent, 't' regular with its content, 'u' unreadable and why. */
struct file {
  char state;
  char token[TOKEN];
  const char *why;
  struct stat st;
  uint8_t *content;
  size_t size;
};
/** What tells one version of a file from another. */
void token_of(const struct stat *st, char token[TOKEN]);
/** Reads the file, following symbolic links. `content` is to be freed. */
void look(const char *path, struct file *f);
void tell_file(char kind, uint32_t id, const struct file *f);

/* ---- way.c ---- */
/** A place whose events concern a watch: a directory and the hash of the name looked up there; 0: any. */
struct link { int wd; uint32_t name; };
/** All places on the way to a file. */
struct way {
  int links;
  struct link link[MAX_LINKS];
};
int walk(const char *path, char real[PATH_MAX], struct way *way, bool *blind);

/* ---- watches.c ---- */
extern int inotify;
void watch(uint32_t id, const char *path, size_t size);
void unwatch(uint32_t id);
/** Tells of all files that are due. Returns when the next one is. */
int64_t look_at_due(void);
/** When events may be read again. */
int64_t inotify_due(void);
void on_inotify(void);
/** Something has happened that no event tells more about. */
void touch_all(void);
/** The host knows this content, so that it is not told again. */
void know(const char *path, const char *token, const uint8_t *bytes, size_t size);

/* ---- saving.c ---- */
/** payload: token NUL path NUL content. */
void save(uint32_t id, const char *payload, size_t size);

/* ---- inside.c ---- */
/** Answers with blocks, free ones, inodes, free ones, pseudo-terminals, and a program that can hardly open a file. */
void look_inside(uint32_t id);

/* ---- running.c ---- */
/** payload: time-out in ms NUL most bytes of output NUL argv, each with a NUL. */
void run(uint32_t id, char *payload, size_t size);
/** Ends those whose time is over. Returns when the next one's is. */
int64_t end_late(int64_t now);
void run_fds(struct pollfd fds[MAX_RUNS]);
void on_run_fd(int i);
/** Answers for all programs that have ended. */
void reap(void);
void kill_all(void);
#endif
