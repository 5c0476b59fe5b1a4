/** A container as the collector follows it. */
#ifndef LENS_CONTAINER_H
#define LENS_CONTAINER_H
#include "lens.h"

enum { EXIT_TRIES = 200, EXIT_AGAIN_MS = 10, OOM_PAUSE_MS = 100 };

struct container {
  struct container *next;
  char dir[512];          /* its state directory */
  char place[80];         /* what tells that directory from a later one of the same name */
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
  ino_t memory_inode;     /* 0: of no matter; a later cgroup of the same name has another */
  /* Of the container, and of everything below its cgroup's parent when the container's were last looked at. */
  long oom_kills, kills_around;
  int64_t oom_at;
  uint64_t told;
  struct bytes captured;
  bool has_captured;
};

/** Bytes of all configurations that are kept. */
extern size_t captured_size;

void find_namespaces(struct container *c);
/** Where its freezer and its memory are counted, and its numbers in all pid namespaces. */
void find_cgroups(struct container *c);
/** How many processes of it the kernel has killed for lack of memory; -1 if that cannot be read. */
long oom_kills(const struct container *c);
void tell_oom(struct container *c, long kills);
/** Tells of a lack of memory that nobody has heard of yet. */
void look_for_oom(struct container *c);
void remember_kills_around(struct container *c);
/** Tells it if it is another than was told last. */
void tell_container(struct container *c);
void set_phase(struct container *c, const char *phase);
/** Fills in the exit status as soon as somebody can tell it. */
void find_exit(struct container *c);
void settle_exit(struct container *c);
/** Reads state.json if it is another one than before. */
void read_state(struct container *c);
#endif
