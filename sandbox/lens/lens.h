/**
 * The lens's eyes inside one sandbox: which containers runc keeps, what happens to them, and the files that the host
 * process asks for. It knows no container setting: what is read and what it means is decided outside (spec/lens).
 *
 * Frames both ways on standard input and output, as the agent's: u32 LE length of the rest, u8 kind, u32 LE id, payload.
 *   from the host:  P plan: entries, each "KIND ARGUMENTS" with a NUL; replaces the plan of this id
 *                   Q the plan of this id is over
 *   to the host:    H hello   C a container as it is now   V an event   M containers beyond what is followed
 *                   F readings of a plan that have changed, and after the first round an empty one
 * Everything is bounded: containers, roots, plans, entries, bytes of each file. A round that takes longer than
 * WATCHDOG_S ends the program, because some files of a learner may never answer.
 */
#ifndef LENS_H
#define LENS_H
#define _GNU_SOURCE
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <sys/types.h>

enum {
  MAX_FRAME = 2 << 20,
  MAX_SMALL = 64 << 10,       /* of a file in /proc or a cgroup */
  MAX_BIG = 512 << 10,        /* of state.json, config.json and what Docker keeps */
  MAX_QUEUE = 4 << 20,        /* with more than this unsent nothing is read for the host */
  MAX_CONTAINERS = 128,
  MAX_ROOTS = 16,
  MAX_PLANS = 8,
  MAX_ENTRIES = 512,
  MAX_CAPTURED = 8 << 20,     /* all configurations kept from the start of their containers */
  MAX_PROCESSES = 512,
  TICK_MS = 400,
  SLOW_TICKS = 3,             /* what changes seldom is read every third time */
  IDLE_MS = 2000,             /* without a plan and without a container that runs */
  WATCHDOG_S = 5,
};

/** A growing buffer; bytes stay until `clear`. */
struct bytes { uint8_t *at; size_t size, room; };
void add(struct bytes *b, const void *bytes, size_t size);
void add_string(struct bytes *b, const char *s); /* with its NUL */
void add_format(struct bytes *b, const char *format, ...) __attribute__((format(printf, 2, 3))); /* with a NUL */
void add32(struct bytes *b, uint32_t n);
void clear(struct bytes *b);
uint64_t hash_of(const void *bytes, size_t size); /* never 0 */
int64_t now_ms(void);  /* monotonic */
int64_t wall_ms(void); /* since 1970 */
int64_t boot_ms(void); /* since boot, as start times in /proc count */
_Noreturn void quit(int code);
void *resize(void *old, size_t size);

/* ---- frames.c ---- */
extern size_t queued;
void flush_queue(void);
void tell(char kind, uint32_t id, const struct bytes *payload);
/** Reads one request if a whole one is there and hands it on. */
void on_stdin(void);

/* ---- files.c ---- */
/** Appends a regular file's first `max` bytes. Returns 't', 'c' if it was cut, 'e' with the reason appended instead. */
char read_file(struct bytes *to, const char *path, size_t max);
/** What tells one version of a file from another; "" if there is none. */
void token_of(const char *path, char token[80]);
/** Appends one entry's reading. Returns as `read_file` does. */
char read_entry(struct bytes *to, const char *entry);

/* ---- processes.c ---- */
/** Appends a line for each process: what ps would need, and its pid namespace. */
char read_processes(struct bytes *to);
/** Tells what runc is asked to do right now: "V" events for every runc that runs, each once; learns their roots. */
void look_for_runc(void);
/** Whether `pid` is the process that began at `start` (clock ticks since boot), and not a zombie. */
bool is_alive(pid_t pid, uint64_t start);

/* ---- plans.c ---- */
void set_plan(uint32_t id, char *payload, size_t size);
void drop_plan(uint32_t id);
bool have_plans(void);
void read_plans(void);

/* ---- containers.c ---- */
extern int inotify;
void learn_root(const char *root);
void rescan(void);
/** Once a tick: which are frozen, which are over. */
void look_at_states(void);
void on_inotify(void);
bool any_running(void);
/** For poll: the descriptors that tell of ends and of memory that ran out. */
size_t container_fds(struct pollfd *fds, size_t room);
void on_container_fd(int fd);
/** Appends the configuration as it was when the container of this state directory began, if it was seen. */
char read_captured(struct bytes *to, const char *dir);
/** Milliseconds until something has to be looked at again; -1: nothing. */
int container_wait(void);
void tell_event(const char *dir, const char *what, const char *detail);
void tell_event_at(int64_t wall_ms, const char *dir, const char *what, const char *detail);
#endif
