/*
 * Has a program answered promptly on a busy machine:
 *   promptly FILE ARGS…   becomes FILE, which is let run as soon as it has something to do
 * It asks for short turns (Linux 6.12): whoever has them goes before those that compute, and is stopped sooner itself. What
 * FILE starts, shells and sandboxes, has turns as everybody. An older kernel takes no notice.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The shortest turn that the kernel knows. */
#define TURN_NS 100000
#define RESET_ON_FORK 1

/* The C library has no such struct under a name that all its versions know. */
struct attributes {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime;
  uint64_t deadline;
  uint64_t period;
};

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: promptly FILE ARGS...\n");
    return 2;
  }
  struct attributes wanted = {.size = sizeof wanted, .flags = RESET_ON_FORK, .runtime = TURN_NS};
  /* Whatever comes of it: it is an improvement, no need. */
  syscall(SYS_sched_setattr, 0, &wanted, 0);
  execvp(argv[1], argv + 1);
  fprintf(stderr, "promptly: %s: %s\n", argv[1], strerror(errno));
  return 127;
}
