/** The way to a file, as the kernel goes it, and a watch of every place on it. */
#include "agent.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/**
 * Resolves the path as the kernel does, one component at a time. `real` becomes the place of the last one,
 * which need not exist. Returns 0, or an errno if the way there ends earlier.
 * With `way`, every directory on the way is watched BEFORE the look into it, so that nothing is missed in
 * between, and the file itself too: writes through a hard link or a bind mount are events of other places.
 * `blind` becomes true if some place could not be watched.
 */
int walk(const char *path, char real[PATH_MAX], struct way *way, bool *blind) {
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
    if (way) {
      uint32_t mask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR | IN_MASK_ADD;
      if (!*after) mask |= IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB;
      int wd = way->links < MAX_LINKS - 1 ? inotify_add_watch(inotify, here ? real : "/", mask) : -1;
      if (wd >= 0) way->link[way->links++] = (struct link){ wd, hash_of(at, n) };
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
      if (!way || !S_ISREG(st.st_mode)) return 0;
      uint32_t mask = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DONT_FOLLOW | IN_MASK_ADD;
      int wd = inotify_add_watch(inotify, real, mask);
      if (wd >= 0) way->link[way->links++] = (struct link){ wd, 0 };
      else *blind = true;
      return 0;
    }
  }
}
