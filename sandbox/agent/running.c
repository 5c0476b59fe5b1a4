/** Programs that run for the host: their output, bounded, and their end. */
#include "agent.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { A_TURN = 65536 }; /* bytes of one program's output before the others have theirs */

struct run {
  pid_t pid; /* 0: free */
  uint32_t id;
  int fd;
  int64_t deadline;
  bool timed_out, truncated;
  uint8_t *output;
  size_t size, room, max;
};

static struct run runs[MAX_RUNS];

static void kill_run(const struct run *r) {
  kill(-r->pid, SIGKILL);
  kill(r->pid, SIGKILL); /* it may not have made its group yet; unreaped, its pid is still its own */
}

void kill_all(void) {
  for (struct run *r = runs; r < runs + MAX_RUNS; r++)
    if (r->pid) kill_run(r);
}

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

void run(uint32_t id, char *payload, size_t size) {
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

/* A descendant may keep the pipe: what is in it when its program ends counts. */
void reap(void) {
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

int64_t end_late(int64_t now) {
  int64_t next = NEVER;
  for (struct run *r = runs; r < runs + MAX_RUNS; r++) {
    if (!r->pid) continue;
    if (r->deadline <= now) {
      kill_run(r);
      r->timed_out = true;
      r->deadline = NEVER;
    }
    if (r->deadline < next) next = r->deadline;
  }
  return next;
}

void run_fds(struct pollfd fds[MAX_RUNS]) {
  for (int i = 0; i < MAX_RUNS; i++)
    fds[i] = (struct pollfd){ .fd = runs[i].pid ? runs[i].fd : -1, .events = POLLIN };
}

void on_run_fd(int i) { drain(&runs[i], A_TURN); }
