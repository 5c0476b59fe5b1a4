/**
 * Shows folders once more with shifted owners, by idmapped mounts: `idmap FROM TO COUNT SOURCE TARGET [SOURCE TARGET]…`.
 * `idmap --probe FROM TO COUNT FOLDER SCRATCH` tries whether an overlay can stand on such a mount, where nobody sees it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* Numbers and flags of kernel 5.12, which the headers of older systems lack. */
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 4
#endif
#define ATTR_IDMAP 0x00100000u
#define EMPTY_PATH 0x1000

struct attributes {
  uint64_t set, clear, propagation, user_namespace;
};

static int fail(const char *what, const char *where) {
  fprintf(stderr, "idmap: %s %s: %s\n", what, where, strerror(errno));
  return 1;
}

static int write_map(pid_t pid, const char *kind, char **range) {
  char path[64], line[96];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, kind);
  /* Root stays root: an overlay makes its working folder as whoever mounts it. */
  int length = snprintf(line, sizeof line, "0 0 1\n%s %s %s", range[0], range[1], range[2]);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t written = write(fd, line, (size_t)length);
  close(fd);
  return written == length ? 0 : -1;
}

/* A user namespace that maps FROM to TO; the process that made it ends as soon as it is open here. */
static int namespace_of(char **range) {
  int ready[2], done[2];
  if (pipe2(ready, O_CLOEXEC) || pipe2(done, O_CLOEXEC)) return -1;
  pid_t child = fork();
  if (child < 0) return -1;
  char byte = 0;
  if (child == 0) {
    close(done[1]);
    if (unshare(CLONE_NEWUSER) || write(ready[1], &byte, 1) != 1) _exit(1);
    _exit(read(done[0], &byte, 1) < 0);
  }
  close(ready[1]);
  int fd = -1;
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/user", (int)child);
  if (read(ready[0], &byte, 1) == 1 && !write_map(child, "uid_map", range) && !write_map(child, "gid_map", range))
    fd = open(path, O_RDONLY | O_CLOEXEC);
  int error = errno;
  close(done[1]);
  waitpid(child, NULL, 0);
  errno = error;
  return fd;
}

static int show(int user, const char *source, const char *target) {
  int tree = (int)syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | O_CLOEXEC);
  if (tree < 0) return fail("open_tree", source);
  struct attributes wanted = {.set = ATTR_IDMAP, .user_namespace = (uint64_t)user};
  if (syscall(SYS_mount_setattr, tree, "", EMPTY_PATH, &wanted, sizeof wanted)) return fail("mount_setattr", source);
  if (syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH)) return fail("move_mount", target);
  close(tree);
  return 0;
}

/* All of it in a mount namespace of its own, which ends with this process. */
static int probe(int user, const char *folder, const char *scratch, unsigned long owner) {
  if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) return fail("a mount namespace for", folder);
  if (mount("none", scratch, "tmpfs", 0, "mode=700") || chdir(scratch)) return fail("tmpfs", scratch);
  if (mkdir("lower", 0700) || mkdir("upper", 0700) || mkdir("work", 0700) || mkdir("root", 0700)) return fail("mkdir", scratch);
  if (show(user, folder, "lower")) return 1;
  if (mount("none", "root", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work")) return fail("overlay", folder);
  struct stat found;
  /* `upper` belongs to the host's root; what is in the image does not. */
  if (stat("root/usr", &found)) return fail("stat", folder);
  if (found.st_uid == owner && found.st_gid == owner) return 0;
  fprintf(stderr, "idmap: owners are not shifted: %u\n", found.st_uid);
  return 1;
}

int main(int argc, char **argv) {
  int probing = argc > 1 && strcmp(argv[1], "--probe") == 0;
  char **words = argv + 1 + probing;
  int count = argc - 1 - probing;
  if (count < 5 || count % 2 == 0 || (probing && count != 5)) {
    fprintf(stderr, "usage: idmap [--probe] FROM TO COUNT SOURCE TARGET [SOURCE TARGET]...\n");
    return 2;
  }
  int user = namespace_of(words);
  if (user < 0) return fail("a user namespace for", words[1]);
  if (probing) return probe(user, words[3], words[4], strtoul(words[1], NULL, 10));
  for (int i = 3; i < count; i += 2)
    if (show(user, words[i], words[i + 1])) return 1;
  return 0;
}
