/** The loop of the lens's collector: waits for what happens, looks at what the host wants to see, tells what is new. */
#include "lens.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

int main(void) {
  int64_t tick_at = 0, idle_at = 0;
  syscall(SYS_close_range, 3u, ~0u, 0u);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGALRM, SIG_DFL);
  clearenv();
  if (chdir("/") < 0) quit(3);
  fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
  fcntl(1, F_SETFL, fcntl(1, F_GETFL) | O_NONBLOCK);
  tell('H', 0, &(struct bytes){ .at = (uint8_t *)"1", .size = 1 });
  alarm(WATCHDOG_S);
  look_for_runc();
  rescan();

  for (;;) {
    static struct pollfd fds[3 + 2 * MAX_CONTAINERS];
    int64_t now = now_ms();
    if (tick_at <= now && (have_plans() || any_running())) {
      look_at_states();
      read_plans();
      tick_at = now_ms() + TICK_MS;
    }
    if (idle_at <= now) {
      /* Roots that only a running runc names, and whatever inotify could not tell. */
      look_for_runc();
      rescan();
      idle_at = now_ms() + IDLE_MS;
    }
    int wait = container_wait();
    int64_t wake = have_plans() || any_running() ? tick_at : idle_at;
    if (idle_at < wake) wake = idle_at;
    now = now_ms();
    int until = wake <= now ? 0 : (int)(wake - now);
    if (wait < 0 || until < wait) wait = until;
    fds[0] = (struct pollfd){ .fd = queued <= MAX_QUEUE ? 0 : -1, .events = POLLIN };
    fds[1] = (struct pollfd){ .fd = queued ? 1 : -1, .events = POLLOUT };
    fds[2] = (struct pollfd){ .fd = inotify, .events = POLLIN };
    size_t count = 3 + container_fds(fds + 3, 2 * MAX_CONTAINERS);
    alarm(0);
    if (poll(fds, count, wait) < 0 && errno != EINTR) quit(3);
    alarm(WATCHDOG_S);
    if (fds[1].revents) flush_queue();
    /* Ends before disappearances: runc removes a container as soon as its process is gone. */
    for (size_t i = 3; i < count; i++)
      if (fds[i].revents) on_container_fd(fds[i].fd);
    if (fds[2].revents) on_inotify();
    if (fds[0].revents) {
      on_stdin();
      tick_at = 0;
    }
  }
}
