/*
 * Keeps open descriptors while the host process is exchanged for another one, as systemd's file descriptor store does:
 *   hold keep SOCKET COUNT        keeps its descriptors from 3 on for whoever takes them, prints "ready"
 *   hold take SOCKET FILE ARGS…   becomes FILE, which has them all; RUNCLAB_HELD="connection:fd,fd,…" says where
 * They count as taken when a byte comes over the connection; if it ends without one, they are there for the next.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST 3
#define MOST 65536
/* The kernel takes at most 253 in one message. */
#define AT_ONCE 200
/* When every shell has ended, their last words still wait so long for a reader. */
#define LAST_WORDS_MS 10000
/* Somebody who connects and does not read must not hold up this program for ever; nor must one who never sends. */
#define PATIENCE_S 10

struct parcel {
  uint32_t total;
  uint32_t here;
};

union control {
  char bytes[CMSG_SPACE(sizeof(int) * AT_ONCE)];
  struct cmsghdr align;
};

static int fail(const char *what) {
  fprintf(stderr, "hold: %s: %s\n", what, strerror(errno));
  return 1;
}

static int address(struct sockaddr_un *at, const char *path) {
  memset(at, 0, sizeof *at);
  at->sun_family = AF_UNIX;
  if (strlen(path) >= sizeof at->sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(at->sun_path, path);
  return 0;
}

static void be_patient(int fd) {
  struct timeval limit = {.tv_sec = PATIENCE_S};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static int send_all(int to, uint32_t total) {
  for (uint32_t sent = 0; sent < total;) {
    struct parcel parcel = {total, total - sent > AT_ONCE ? AT_ONCE : total - sent};
    struct iovec data = {&parcel, sizeof parcel};
    union control control = {0};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes};
    message.msg_controllen = CMSG_SPACE(sizeof(int) * parcel.here);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * parcel.here);
    int *fds = (int *)CMSG_DATA(header);
    for (uint32_t i = 0; i < parcel.here; i++) fds[i] = FIRST + sent + i;
    if (sendmsg(to, &message, MSG_NOSIGNAL) != sizeof parcel) return -1;
    sent += parcel.here;
  }
  return 0;
}

/* All descriptors of the other end, in their order; how many, or -1. */
static int receive_all(int from, int *fds) {
  uint32_t got = 0, total = 1;
  while (got < total) {
    struct parcel parcel;
    struct iovec data = {&parcel, sizeof parcel};
    union control control = {0};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes};
    message.msg_controllen = sizeof control.bytes;
    ssize_t size = recvmsg(from, &message, MSG_WAITALL);
    if (size < 0) return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (size != sizeof parcel || parcel.total > MOST || !header || header->cmsg_type != SCM_RIGHTS ||
        (message.msg_flags & MSG_CTRUNC) || header->cmsg_len != CMSG_LEN(sizeof(int) * parcel.here) ||
        got + parcel.here > parcel.total) {
      errno = EPROTO;
      return -1;
    }
    memcpy(fds + got, CMSG_DATA(header), sizeof(int) * parcel.here);
    got += parcel.here;
    total = parcel.total;
  }
  return (int)got;
}

/* True if whoever connected has taken everything. */
static int hand_over(int door, uint32_t count) {
  int taker = accept4(door, NULL, NULL, SOCK_CLOEXEC);
  if (taker < 0) return 0;
  be_patient(taker);
  char taken = 0;
  if (send_all(taker, count) == 0) {
    /* It starts and adopts first: it may take its time, and end before. */
    struct pollfd answer = {.fd = taker, .events = POLLIN};
    poll(&answer, 1, -1);
    if (read(taker, &taken, 1) != 1) taken = 0;
  }
  close(taker);
  return taken != 0;
}

static int keep(const char *path, uint32_t count) {
  struct sockaddr_un at;
  if (address(&at, path) < 0) return fail(path);
  unlink(path);
  umask(0077);
  int door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (door < 0 || bind(door, (struct sockaddr *)&at, sizeof at) < 0 || listen(door, 4) < 0) return fail(path);
  struct pollfd *watched = calloc(count + 1, sizeof *watched);
  if (!watched) return fail("memory");
  for (uint32_t i = 0; i < count; i++) watched[i].fd = FIRST + i;
  watched[count] = (struct pollfd){.fd = door, .events = POLLIN};
  if (write(1, "ready\n", 6) != 6) return fail("stdout");
  int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < 3; fd++) dup2(nothing, fd);

  for (uint32_t alive = count;;) {
    int ready = poll(watched, count + 1, alive > 0 ? -1 : LAST_WORDS_MS);
    if (ready == 0) break;
    if (ready < 0 && errno != EINTR) break;
    for (uint32_t i = 0; i < count; i++) {
      if (!(watched[i].revents & (POLLHUP | POLLERR | POLLNVAL))) continue;
      watched[i].fd = -1; /* or poll would return for it again and again */
      watched[i].revents = 0;
      alive--;
    }
    if (watched[count].revents && hand_over(door, count)) break;
  }
  unlink(path);
  return 0;
}

/* Without anything to take, or if taking fails, FILE is started all the same: shells may be lost, the lab must run. */
static void take(const char *path) {
  struct sockaddr_un at;
  int from = socket(AF_UNIX, SOCK_STREAM, 0);
  if (from < 0 || address(&at, path) < 0 || connect(from, (struct sockaddr *)&at, sizeof at) < 0) {
    if (errno != ENOENT && errno != ECONNREFUSED) fail(path);
    close(from);
    return;
  }
  be_patient(from);
  int *fds = calloc(MOST, sizeof *fds);
  int count = fds ? receive_all(from, fds) : -1;
  if (count < 0) {
    fail(path);
    close(from);
    return;
  }
  size_t room = 16 + 12 * (size_t)count, used;
  char *text = malloc(room);
  if (!text) return;
  used = (size_t)snprintf(text, room, "%d:", from);
  for (int i = 0; i < count; i++) used += (size_t)snprintf(text + used, room - used, "%s%d", i ? "," : "", fds[i]);
  setenv("RUNCLAB_HELD", text, 1);
}

int main(int argc, char **argv) {
  if (argc == 4 && strcmp(argv[1], "keep") == 0) {
    long count = strtol(argv[3], NULL, 10);
    if (count > 0 && count <= MOST) return keep(argv[2], (uint32_t)count);
  }
  if (argc >= 4 && strcmp(argv[1], "take") == 0) {
    take(argv[2]);
    execvp(argv[3], argv + 3);
    fail(argv[3]);
    return 127;
  }
  fprintf(stderr, "usage: hold keep SOCKET COUNT | hold take SOCKET FILE ARGS...\n");
  return 2;
}
