/** Saving: what the host has seen is replaced, and nothing else; a failure leaves what was there. */
#include "agent.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int write_all(int fd, const uint8_t *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t n = write(fd, bytes + done, size - done);
    if (n < 0 && errno != EINTR) return -1;
    if (n > 0) done += (size_t)n;
  }
  return 0;
}

/** Puts a new file in the place of `old`, or where none is. Returns an errno; ESTALE, EEXIST: changed. */
static int replace(const char *real, const struct file *old, const uint8_t *bytes, size_t size,
                   struct stat *st) {
  char temp[PATH_MAX], token[TOKEN];
  const char *name = strrchr(real, '/') + 1;
  int n = snprintf(temp, sizeof temp, "%.*s.%.200s.lab-XXXXXX", (int)(name - real), real, name);
  if (n >= (int)sizeof temp) return ENAMETOOLONG;
  int fd = mkostemp(temp, O_CLOEXEC);
  if (fd < 0) return errno;
  bool fresh = old->state == 'a';
  int error = 0;
  if (!fresh && fchown(fd, old->st.st_uid, old->st.st_gid) < 0) error = errno;
  /* After fchown, which clears bits. */
  else if (fchmod(fd, fresh ? 0644 : old->st.st_mode & 07777) < 0) error = errno;
  else if (write_all(fd, bytes, size) < 0) error = errno;
  else if (fresh) {
    if (renameat2(AT_FDCWD, temp, AT_FDCWD, real, RENAME_NOREPLACE) < 0) error = errno;
    if ((error == EINVAL || error == ENOSYS) && (error = 0, rename(temp, real) < 0)) error = errno;
  } else {
    if (lstat(real, st) < 0) error = errno;
    else if (token_of(st, token), strcmp(token, old->token)) error = ESTALE;
    else if (rename(temp, real) < 0) error = errno;
  }
  if (error) unlink(temp);
  else if (fstat(fd, st) < 0) error = errno;
  close(fd);
  return error;
}

/** Writes into the file itself, which keeps its inode; on failure puts the old content back if it can. */
static int overwrite(const char *path, const struct file *old, const uint8_t *bytes, size_t size,
                     struct stat *st) {
  char token[TOKEN];
  int error = 0, fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return errno;
  if (fstat(fd, st) < 0) error = errno;
  else if (token_of(st, token), strcmp(token, old->token)) error = ESTALE;
  /* Space first, and truncation last: a full disk is met before anything is lost. */
  else if (size && fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)size) < 0 &&
           (errno == ENOSPC || errno == EDQUOT)) {
    error = errno;
    if (ftruncate(fd, (off_t)old->size) < 0) error = errno; /* gives back what was reserved */
  } else if (write_all(fd, bytes, size) < 0 || ftruncate(fd, (off_t)size) < 0) {
    error = errno;
    if (lseek(fd, 0, SEEK_SET) == 0 && write_all(fd, old->content, old->size) == 0 &&
        ftruncate(fd, (off_t)old->size) < 0)
      error = errno;
  }
  if (!error && fstat(fd, st) < 0) error = errno;
  close(fd);
  return error;
}

void save(uint32_t id, const char *payload, size_t size) {
  const char *path = payload + strlen(payload) + 1;
  if (path >= payload + size || *path != '/' || strlen(path) >= PATH_MAX) quit(2);
  const uint8_t *bytes = (const uint8_t *)path + strlen(path) + 1;
  if (bytes > (const uint8_t *)payload + size) quit(2);
  size -= (size_t)(bytes - (const uint8_t *)payload);
  if (size > MAX_FILE) {
    tell_error(id, "it would be larger than 1 MiB", 0);
    return;
  }
  struct file f;
  struct stat st, at_real;
  char real[PATH_MAX], token[TOKEN];
  look(path, &f);
  bool fresh = !strcmp(payload, "-");
  int error = 0;
  if (fresh ? f.state != 'a' : f.state != 't' || strcmp(payload, f.token)) error = ESTALE;
  else if (fresh) {
    error = walk(path, real, NULL, NULL);
    if (!error) error = replace(real, &f, bytes, size, &st);
  } else {
    /* Behind a magic link such as /proc/PID/root, `real` is another file, which must not be touched. */
    bool found = walk(path, real, NULL, NULL) == 0 && lstat(real, &at_real) == 0 &&
                 at_real.st_ino == f.st.st_ino && at_real.st_dev == f.st.st_dev;
    error = found && f.st.st_nlink == 1 ? replace(real, &f, bytes, size, &st) : EXDEV;
    /* A mount point, an unwritable directory, an owner of another user namespace … */
    if (error && error != ESTALE && error != ENOSPC && error != EDQUOT && error != EIO)
      error = overwrite(path, &f, bytes, size, &st);
  }
  if (error == ESTALE || error == EEXIST || (error == ENOENT && !fresh)) {
    free(f.content);
    look(path, &f);
    tell_file('X', id, &f);
  } else if (error) {
    tell_error(id, "it could not be written", error);
  } else {
    token_of(&st, token);
    know(path, token, bytes, size);
    tell('D', id, token, strlen(token), NULL, 0);
  }
  free(f.content);
}
