/** Every system call of Linux, sorted: from which tier on a sandbox may use it, or with which error it is refused. Pure data. */
import type { Tier } from '../../../protocol/tier.ts'

const words = (text: string) => text.trim().split(/\s+/)

export interface Allowed {
  /** What it is good for. */
  what: string
  /** The least tier that has it. */
  from: Tier
  calls: string[]
}

/**
 * Names are those of the kernel; each architecture and libseccomp take those they know. Four calls are also looked at by
 * their arguments, in seccomp.ts: clone, socket, socketpair, setsockopt.
 */
export const ALLOWED: Allowed[] = [
  {
    what: 'reading, writing, and what is open',
    from: 'plain',
    calls:
      words(`read write pread64 pwrite64 readv writev preadv pwritev preadv2 pwritev2 lseek close close_range dup
      dup2 dup3 fcntl ioctl flock fsync fdatasync sync syncfs sync_file_range ftruncate truncate fallocate fadvise64
      arm_fadvise64_64 readahead sendfile copy_file_range splice tee vmsplice pipe pipe2 cachestat`),
  },
  {
    what: 'files and folders',
    from: 'plain',
    calls:
      words(`open openat openat2 creat stat fstat lstat newfstatat statx access faccessat faccessat2 getdents
      getdents64 getcwd chdir fchdir mkdir mkdirat rmdir link linkat unlink unlinkat symlink symlinkat readlink readlinkat
      rename renameat renameat2 chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat umask utime utimes utimensat
      futimesat statfs fstatfs mknod mknodat chroot name_to_handle_at setxattr lsetxattr fsetxattr getxattr lgetxattr
      fgetxattr listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr setxattrat getxattrat listxattrat
      removexattrat file_getattr file_setattr`),
  },
  {
    what: 'waiting for files and events',
    from: 'plain',
    calls:
      words(`select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
      eventfd eventfd2 signalfd signalfd4 inotify_init inotify_init1 inotify_add_watch inotify_rm_watch io_setup
      io_destroy io_submit io_cancel io_getevents io_pgetevents`),
  },
  {
    what: 'memory',
    from: 'plain',
    calls:
      words(`brk mmap munmap mprotect mremap madvise process_madvise mincore msync mlock mlock2 munlock mlockall
      munlockall remap_file_pages memfd_create memfd_secret membarrier mbind get_mempolicy set_mempolicy
      set_mempolicy_home_node pkey_alloc pkey_free pkey_mprotect mseal map_shadow_stack process_mrelease`),
  },
  {
    what: 'programs and threads',
    from: 'plain',
    calls:
      words(`fork vfork execve execveat exit exit_group wait4 waitid set_tid_address getpid getppid gettid
      getpgid getpgrp setpgid getsid setsid arch_prctl prctl get_thread_area set_thread_area rseq futex futex_waitv
      futex_wake futex_wait futex_requeue set_robust_list get_robust_list restart_syscall personality getcpu uname
      sysinfo pidfd_open pidfd_getfd pidfd_send_signal kcmp ptrace process_vm_readv process_vm_writev`),
  },
  {
    what: 'scheduling and limits',
    from: 'plain',
    calls:
      words(`sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_setparam sched_getscheduler
      sched_setscheduler sched_getattr sched_setattr sched_get_priority_max sched_get_priority_min
      sched_rr_get_interval getpriority setpriority ioprio_get ioprio_set getrlimit setrlimit prlimit64 getrusage times`),
  },
  {
    what: 'signals; and the way back from a probe of the host’s, for which newer kernels ask no filter',
    from: 'plain',
    calls: words(`kill tkill tgkill rt_sigaction rt_sigprocmask rt_sigpending rt_sigsuspend rt_sigtimedwait
      rt_sigqueueinfo rt_tgsigqueueinfo rt_sigreturn sigaltstack pause uretprobe`),
  },
  {
    what: 'clocks that are read, and timers',
    from: 'plain',
    calls:
      words(`time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep alarm getitimer setitimer
      timer_create timer_settime timer_gettime timer_getoverrun timer_delete timerfd_create timerfd_settime
      timerfd_gettime getrandom`),
  },
  {
    what: 'users, groups, capabilities',
    from: 'plain',
    calls:
      words(`getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid setreuid setregid setresuid
      setresgid setfsuid setfsgid setgroups capget capset`),
  },
  {
    what: 'messages between processes',
    from: 'plain',
    calls:
      words(`msgget msgsnd msgrcv msgctl semget semop semtimedop semctl shmget shmat shmdt shmctl mq_open mq_unlink
      mq_timedsend mq_timedreceive mq_notify mq_getsetattr`),
  },
  {
    what: 'sockets that are made already',
    from: 'plain',
    calls:
      words(`bind connect listen accept accept4 getsockname getpeername getsockopt shutdown sendto recvfrom sendmsg
      recvmsg sendmmsg recvmmsg`),
  },
  {
    what: 'giving up rights',
    from: 'plain',
    calls: words(`seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self lsm_get_self_attr
      lsm_set_self_attr lsm_list_modules`),
  },
  {
    what: 'namespaces',
    from: 'unshare',
    calls: words('clone3 unshare setns sethostname setdomainname vhangup'),
  },
  {
    what: 'mounts, the old and the new way; runc uses both',
    from: 'unshare',
    calls:
      words(`mount umount umount2 pivot_root fsopen fsconfig fsmount fspick open_tree open_tree_attr move_mount
      mount_setattr statmount listmount`),
  },
  {
    what: 'keyrings: runc gives each container one',
    from: 'unshare',
    calls: words('add_key request_key keyctl'),
  },
]

export interface Denied {
  /** Why a sandbox does not need it, and what speaks against it. */
  why: string
  errno: 'EPERM' | 'ENOSYS'
  calls: string[]
}

/**
 * Refused in every tier. EPERM is what the kernel itself would say to most of them; ENOSYS makes programs take their
 * other way. What is in neither table, such as calls that are newer than it, is refused with ENOSYS.
 */
export const DENIED: Denied[] = [
  {
    why: 'programs inside the kernel, and looking into it: the way in of many exploits. runc does without in here',
    errno: 'EPERM',
    calls: words('bpf perf_event_open'),
  },
  {
    why: 'disks, swap and accounting of the whole machine',
    errno: 'EPERM',
    calls: words('quotactl quotactl_fd swapon swapoff acct'),
  },
  {
    why: 'clocks, kernel log and power of the whole machine',
    errno: 'EPERM',
    calls: words('settimeofday clock_settime clock_adjtime adjtimex stime syslog reboot'),
  },
  { why: 'watches whole file systems', errno: 'EPERM', calls: words('fanotify_init fanotify_mark') },
  { why: 'ports and segments of the processor', errno: 'EPERM', calls: words('iopl ioperm modify_ldt') },
  { why: 'moves memory of others', errno: 'EPERM', calls: words('move_pages migrate_pages') },
  {
    why: 'a second way to most system calls, past filters; many exploits',
    errno: 'ENOSYS',
    calls: words('io_uring_setup io_uring_enter io_uring_register'),
  },
  {
    why: 'stops the kernel in the middle of a copy: helps exploits',
    errno: 'ENOSYS',
    calls: ['userfaultfd'],
  },
  { why: 'another kernel', errno: 'ENOSYS', calls: words('kexec_load kexec_file_load') },
  {
    why: 'kernel modules',
    errno: 'ENOSYS',
    calls: words('init_module finit_module delete_module create_module'),
  },
  { why: 'opens files past all folders', errno: 'ENOSYS', calls: ['open_by_handle_at'] },
  {
    why: 'gone from the kernel, or never there',
    errno: 'ENOSYS',
    calls:
      words(`_sysctl afs_syscall epoll_ctl_old epoll_wait_old get_kernel_syms getpmsg lookup_dcookie nfsservctl
      putpmsg query_module security sysfs tuxcall uselib ustat vserver`),
  },
]

/** Address families a socket may have, with the numbers of include/linux/socket.h. All others are refused with EPERM. */
export const FAMILIES: { name: string; number: number; from: Tier }[] = [
  { name: 'AF_UNIX', number: 1, from: 'plain' },
  { name: 'AF_INET', number: 2, from: 'plain' },
  { name: 'AF_INET6', number: 10, from: 'plain' },
  { name: 'AF_NETLINK', number: 16, from: 'plain' },
  { name: 'AF_PACKET', number: 17, from: 'docker' },
]

/** Below the docker tier netlink reaches addresses and sockets, not packet filters and IPsec: route and sock_diag. */
export const PLAIN_NETLINK = [0, 4]
