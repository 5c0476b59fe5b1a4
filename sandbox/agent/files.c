/** Files as they are: what they hold, and what tells one version from another. */
#include "agent.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void token_of(const struct stat *st, char token[TOKEN]) {
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

void look(const char *path, struct file *f) {
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

void tell_file(char kind, uint32_t id, const struct file *f) {
  char head[TOKEN + 2];
  int n = snprintf(head, sizeof head, "%c%s", f->state, f->token);
  if (f->state == 'u') tell(kind, id, head, (size_t)n + 1, f->why, strlen(f->why));
  else tell(kind, id, head, (size_t)n + 1, f->content, f->size);
}
