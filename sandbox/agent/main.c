/** The agent's loop: waits for what happens, and has it done. */
#include "agent.h"
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

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
  tell('H', 0, "2", 1, NULL, 0);

  for (;;) {
    int64_t wake = look_at_due(), now = now_ms();
    bool resting = inotify_due() > now;
    if (resting) wake = earlier(wake, inotify_due());
    wake = earlier(wake, end_late(now));
    struct pollfd fds[5 + MAX_RUNS] = {
      { .fd = queued <= MAX_QUEUE ? 0 : -1, .events = POLLIN },
      { .fd = queued ? 1 : -1, .events = POLLOUT },
      { .fd = resting ? -1 : inotify, .events = POLLIN },
      { .fd = children, .events = POLLIN },
      { .fd = mounts, .events = POLLPRI },
    };
    run_fds(fds + 5);
    int wait = wake == NEVER ? -1 : wake <= now ? 0 : wake - now < 60000 ? (int)(wake - now) : 60000;
    if (poll(fds, 5 + MAX_RUNS, wait) < 0 && errno != EINTR) quit(3);
    struct signalfd_siginfo ignored;
    if (fds[1].revents) flush();
    if (fds[2].revents) on_inotify();
    if (fds[4].revents) touch_all();
    for (int i = 0; i < MAX_RUNS; i++)
      if (fds[5 + i].revents) on_run_fd(i);
    if (fds[3].revents && read(children, &ignored, sizeof ignored) > 0) reap();
    if (fds[0].revents) on_stdin();
  }
}
